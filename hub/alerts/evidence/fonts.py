"""A font that can draw Chinese, or the plain word that there is none."""

from __future__ import annotations

import logging
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

log = logging.getLogger(__name__)

FALLBACKS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
"""Where distributions put them, for machines without fontconfig."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=1)
def cjk_font() -> tuple[str, int] | None:
    """File and face number of a font with simplified Chinese, None when none is installed.

    Says so aloud the first time.
    """
    found = _by_fontconfig() or _by_path()
    if found is None:
        log.warning(
            "no font with Chinese characters is installed (on Debian: fonts-noto-cjk): "
            "evidence pictures show ids in place of Chinese names"
        )
    return found


def _by_fontconfig() -> tuple[str, int] | None:
    command = shutil.which("fc-match")
    if command is None:
        return None
    # `lang=zh-cn` is a wish to fontconfig: without such a font it names another one.
    pattern = "Noto Sans CJK SC:lang=zh-cn:style=Regular"
    answer = subprocess.run(  # noqa: S603 - no part of it comes from outside
        [command, "-f", "%{file}\n%{index}\n%{lang}", pattern],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    ).stdout.split("\n")
    if len(answer) < 3 or "zh-cn" not in answer[2].split("|") or not Path(answer[0]).exists():
        return None
    # The high half of fontconfig's index names a variable font's instance.
    return answer[0], int(answer[1]) & 0xFFFF


def _by_path() -> tuple[str, int] | None:
    return next(((path, 0) for path in FALLBACKS if Path(path).exists()), None)


@lru_cache(maxsize=16)
def font(size_px: int) -> Font:
    """The font to draw with, Chinese where there is one."""
    found = cjk_font()
    if found is None:
        return ImageFont.load_default(size_px)
    path, face = found
    return ImageFont.truetype(path, size_px, index=face)


def writable(text: str, otherwise: str) -> str:
    """`text` if the font can draw it, else `otherwise` with what is not ASCII left out."""
    if cjk_font() is not None or text.isascii():
        return text
    plain = otherwise if otherwise.isascii() else otherwise.encode("ascii", "ignore").decode()
    return plain.strip()
