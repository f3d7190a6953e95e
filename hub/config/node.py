"""Values as written, each with the file and line it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Step = str | int
Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Place:
    """A line (from 1) of a file, named as the administrator named the folder."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (or, among the notes, worth a look): where, which key, and what."""

    place: Place
    key: str
    message: str

    def __str__(self) -> str:
        """`file:line: key: message`."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.place.file}:{self.place.line}: {key}{self.message}"


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a mapping or a list; values of mappings stand on the line of their key."""

    value: Scalar | dict[str, Node] | list[Node]
    place: Place

    @property
    def mapping(self) -> dict[str, Node]:
        """The mapping, {} for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The list, [] for anything else."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> object:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: Sequence[Step]) -> tuple[Place, str]:
        """Where a path leads and how to name it, as far as it can be followed.

        Steps that lead nowhere (a missing key, the tag of a union) keep the place of the last
        that did; a missing key at the end is still named.
        """
        here, name = self, ""
        for number, step in enumerate(path):
            following = here.child(step)
            if following is not None:
                name = (
                    f"{name}[{_title(following, step)}]"
                    if isinstance(step, int)
                    else (f"{name}.{step}" if name else step)
                )
                here = following
            elif number == len(path) - 1 and isinstance(step, str):
                name = f"{name}.{step}" if name else step
        return here.place, name

    def child(self, step: Step) -> Node | None:
        """One step down, None where there is nothing."""
        if isinstance(step, int):
            return self.items[step] if step < len(self.items) else None
        return self.mapping.get(step)

    def text(self, key: str) -> str | None:
        """The string under a key, None where there is none."""
        node = self.mapping.get(key)
        return node.value if node is not None and isinstance(node.value, str) else None

    def ids(self) -> Iterator[tuple[str, Node]]:
        """Of a list: the ids of its entries, each with the entry."""
        for item in self.items:
            if (name := item.text("id")) is not None:
                yield name, item


def _title(node: Node, number: int) -> str:
    return node.text("id") or node.text("rule") or str(number)


def overlay(base: Node, top: Node) -> Node:
    """`top` laid over `base`: mappings by key, lists of entries by `id`, all else replaced."""
    if isinstance(base.value, dict) and isinstance(top.value, dict):
        merged = dict(base.value)
        for key, node in top.value.items():
            merged[key] = overlay(merged[key], node) if key in merged else node
        return Node(merged, base.place)
    if _has_ids(base) and _has_ids(top):
        return Node(_overlay_entries(base.items, top.items), base.place)
    return top


def _has_ids(node: Node) -> bool:
    return bool(node.items) and all(item.text("id") is not None for item in node.items)


def _overlay_entries(base: list[Node], top: list[Node]) -> list[Node]:
    """Entries of `top` with an id given before stay, so that the repetition is told."""
    over: dict[str | None, Node] = {}
    extra = []
    known = {item.text("id") for item in base}
    for item in top:
        if item.text("id") in known and item.text("id") not in over:
            over[item.text("id")] = item
        else:
            extra.append(item)
    entries = [overlay(e, over[e.text("id")]) if e.text("id") in over else e for e in base]
    return [*entries, *extra]
