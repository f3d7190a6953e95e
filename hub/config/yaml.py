"""YAML with places: duplicate keys, tags and numbers that are none are refused, `${ENV}` filled in.

YAML 1.2 (ruamel.yaml): `no` and `22:00` are the strings they look like.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from hub.config.node import Node, Place, Problem, Scalar

_ENV = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_TAG = "tag:yaml.org,2002:"
_DEPTH_MAX = 40


def read_yaml(path: Path, shown: str, environment: Mapping[str, str]) -> tuple[Node, list[Problem]]:
    """The file as nodes, and what is wrong with it as YAML. An empty file is an empty mapping."""
    reader = _Reader(shown, environment)
    try:
        root = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1 if mark else 1)
        reader.problems.append(Problem(place, "", f"bad YAML: {error.problem or error.context}"))
        root = None
    except (YAMLError, UnicodeDecodeError) as error:
        reader.problems.append(Problem(Place(shown, 1), "", f"bad YAML: {error}"))
        root = None
    except OSError as error:
        reader.problems.append(Problem(Place(shown, 1), "", f"cannot be read: {error.strerror}"))
        root = None
    if root is None:
        return Node({}, Place(shown, 1)), reader.problems
    node = reader.read(root, "", 0)
    if not isinstance(node.value, dict):
        reader.problems.append(Problem(node.place, "", "the file must be a mapping of keys"))
        node = Node({}, node.place)
    return node, reader.problems


class _Reader:
    """Turns ruamel's nodes into ours and collects what is wrong."""

    def __init__(self, shown: str, environment: Mapping[str, str]) -> None:
        self._shown = shown
        self._environment = environment
        self.problems: list[Problem] = []

    def read(self, node: YamlNode, key: str, depth: int, place: Place | None = None) -> Node:
        here = place or self._place(node)
        if depth > _DEPTH_MAX:
            self._refuse(here, key, f"nested deeper than {_DEPTH_MAX} levels")
            return Node(None, here)
        if isinstance(node, MappingNode):
            return Node(self._mapping(node, key, depth), here)
        if isinstance(node, SequenceNode):
            items = ((n, f"{key}[{_title(n, i)}]") for i, n in enumerate(node.value))
            return Node([self.read(n, name, depth + 1) for n, name in items], here)
        if isinstance(node, ScalarNode):
            return Node(self._scalar(node, key, here), here)
        raise TypeError(f"a kind of node YAML does not have: {type(node).__name__}")

    def _mapping(self, node: MappingNode, key: str, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for name_node, value_node in node.value:
            place = self._place(name_node)
            name = name_node.value if isinstance(name_node, ScalarNode) else None
            if name is None:
                self._refuse(place, key, "a key must be a plain word")
                continue
            full = f"{key}.{name}" if key else name
            if name in found:
                first = found[name].place.line
                self._refuse(place, full, f"the key stands twice (first on line {first})")
                continue
            found[name] = self.read(value_node, full, depth + 1, place)
        return self._merged(found)

    def _merged(self, found: dict[str, Node]) -> dict[str, Node]:
        """YAML's merge key: `<<: *other`, or a list of such; own keys and earlier ones win."""
        merge = found.pop("<<", None)
        if merge is None:
            return found
        under: dict[str, Node] = {}
        for node in [merge] if isinstance(merge.value, dict) else merge.items:
            under = {**node.mapping, **under}
        return {**under, **found}

    def _scalar(self, node: ScalarNode, key: str, place: Place) -> Scalar:
        tag = str(node.tag).removeprefix(_TAG)
        text: str = node.value
        match tag:
            case "str" | "timestamp":
                return self._filled_in(text, key, place)
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" | "float":
                return self._number(text, key, place)
        self._refuse(place, key, f"the tag {node.tag} is not allowed")
        return None

    def _number(self, text: str, key: str, place: Place) -> int | float | None:
        plain = text.replace("_", "")
        try:
            if plain.lower().startswith(("0x", "0o", "0b")):
                return int(plain, 0)
            return int(plain) if re.fullmatch(r"[-+]?\d+", plain) else _finite(plain)
        except ValueError:
            self._refuse(place, key, f"{text} is not a finite number")
            return None

    def _filled_in(self, text: str, key: str, place: Place) -> str:
        def fill(found: re.Match[str]) -> str:
            name, default = found[1], found[2]
            if name is None:
                return "${"
            value = self._environment.get(name) or default
            if value is None:
                self._refuse(place, key, f"the environment variable {name} is not set")
                return found[0]
            return value

        return _ENV.sub(fill, text)

    def _place(self, node: YamlNode) -> Place:
        return Place(self._shown, node.start_mark.line + 1)

    def _refuse(self, place: Place, key: str, message: str) -> None:
        self.problems.append(Problem(place, key, message))


def _title(node: YamlNode, number: int) -> str:
    """An entry's id, else its number."""
    for name, value in node.value if isinstance(node, MappingNode) else ():
        if name.value == "id" and isinstance(value, ScalarNode):
            return str(value.value)
    return str(number)


def _finite(text: str) -> float:
    value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(value):
        raise ValueError(text)
    return value
