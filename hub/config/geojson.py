"""grids.geojson with places; in a county's 1,817 grids lines are found only when asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from hub.config.node import Place, Problem, Step

_SPACE = re.compile(r"[ \t\n\r]*")


class GeoJsonFile:
    """The text of a JSON file, its value, and the place of any path in it."""

    def __init__(self, path: Path, shown: str) -> None:
        self.shown = shown
        self.problems: list[Problem] = []
        self.value: Any = None
        self._text = ""
        try:
            self._text = path.read_text(encoding="utf-8")
            self.value = json.loads(
                self._text, object_pairs_hook=self._unique, parse_constant=_not_finite
            )
        except json.JSONDecodeError as error:
            self._refuse(error.lineno, f"bad JSON: {error.msg}")
        except (ValueError, RecursionError) as error:
            self._refuse(1, f"bad JSON: {error}")
        except OSError as error:
            self._refuse(1, f"cannot be read: {error.strerror}")

    def _refuse(self, line: int, message: str) -> None:
        self.problems.append(Problem(Place(self.shown, line), "", message))

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            start = max(0, self._text.find(f'"{twice[0]}"'))
            place = Place(self.shown, self._text.count("\n", 0, start) + 1)
            self.problems.append(Problem(place, twice[0], "the key stands twice in one object"))
        return found

    def at(self, path: Sequence[Step]) -> tuple[Place, str]:
        """The line of a path as far as it can be followed, and its name."""
        position, name = 0, ""
        for number, step in enumerate(path):
            following = _child(self._text, position, step)
            if following is not None or number == len(path) - 1:
                name = f"{name}[{step}]" if isinstance(step, int) else f"{name}.{step}".lstrip(".")
            position = position if following is None else following
        start = _skip(self._text, position)
        return Place(self.shown, self._text.count("\n", 0, start) + 1), name


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a finite number")


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _child(text: str, position: int, step: Step) -> int | None:
    """Position of the value one step below the value at `position` of a sound JSON text."""
    decode = json.JSONDecoder().raw_decode
    position = _skip(text, position)
    wanted_bracket = "[" if isinstance(step, int) else "{"
    if text[position : position + 1] != wanted_bracket:
        return None
    position, number = _skip(text, position + 1), 0
    while text[position] not in "]}":
        name: Step = number
        if wanted_bracket == "{":
            name, position = decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
        if name == step:
            return position
        _, position = decode(text, position)
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
        number += 1
    return None
