"""Kinds that a detector mixes up on one and the same thing, and that exclude each other there."""

from __future__ import annotations

from hub.types.scene import ObjectKind

_MIXED_UP = (
    (ObjectKind.CAR, ObjectKind.TRUCK, ObjectKind.BUS),
    (ObjectKind.BICYCLE, ObjectKind.MOTORCYCLE),
)
"""A van is a car in one frame and a truck in the next: one thing, one box, one track."""

_HEAD = {kind: family[0] for family in _MIXED_UP for kind in family}

FAMILY: dict[ObjectKind, int] = {
    kind: tuple(ObjectKind).index(_HEAD.get(kind, kind)) for kind in ObjectKind
}
"""A number per kind, the same for kinds of one family."""
