"""A Rich screen as a picture, cell by cell: wide characters take two, as in a terminal."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.color import Color
from rich.console import Console, RenderableType
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME

from hub.alerts.evidence.fonts import cjk_font

CELL_PX, LINE_PX, MARGIN_PX = 10, 26, 16
MONO_FACE = 7
"""Noto Sans Mono CJK SC in Debian's collection."""
INK, PAPER = (205, 207, 210), (27, 29, 33)
RGB = tuple[int, int, int]


def screenshot(what: RenderableType, width: int, height: int) -> Image.Image:
    """`what` on a terminal of `width` columns and `height` lines."""
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True)
    size = (width * CELL_PX + 2 * MARGIN_PX, height * LINE_PX + 2 * MARGIN_PX)
    image = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(image), _font()
    for row, line in enumerate(console.render_lines(what)[:height]):
        column, top = 0, MARGIN_PX + row * LINE_PX
        for segment in line:
            ink, paper = _colours(segment.style or Style())
            for character in segment.text:
                left, cells = MARGIN_PX + column * CELL_PX, cell_len(character)
                if paper != PAPER:
                    right = left + cells * CELL_PX - 1
                    draw.rectangle((left, top, right, top + LINE_PX - 1), fill=paper)
                _put(draw, (left, top), character, cells, ink, font)
                column += cells
    return image


def _put(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    character: str,
    cells: int,
    ink: RGB,
    font: ImageFont.FreeTypeFont,
) -> None:
    if character == "─":  # a line without gaps, whatever the font
        middle = at[1] + LINE_PX // 2
        draw.line((at[0], middle, at[0] + CELL_PX, middle), fill=ink)
    elif not character.isspace():
        place = (at[0] + cells * CELL_PX / 2, at[1] + LINE_PX - 7)
        draw.text(place, character, ink, font, anchor="ms")


def _font() -> ImageFont.FreeTypeFont:
    found = cjk_font()
    if found is None:
        raise SystemExit("wants a font with Chinese (apt-get install fonts-noto-cjk)")
    return ImageFont.truetype(found[0], 2 * CELL_PX - 2, index=MONO_FACE)


def _colours(style: Style) -> tuple[RGB, RGB]:
    ink = _rgb(style.color, INK)
    paper = _rgb(style.bgcolor, PAPER)
    if style.bold and style.color is None:
        ink = (255, 255, 255)
    if style.dim:
        ink = (ink[0] * 6 // 10, ink[1] * 6 // 10, ink[2] * 6 // 10)
    return ink, paper


def _rgb(colour: Color | None, otherwise: RGB) -> RGB:
    if colour is None or colour.is_default:
        return otherwise
    red, green, blue = colour.get_truecolor(SVG_EXPORT_THEME)
    return red, green, blue
