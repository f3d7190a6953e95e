"""Does a graph fit its card? Asked of its declared shapes, and of one run on a grey picture."""

from __future__ import annotations

import numpy as np

from hub.analytics.catalog.cards import Card
from hub.analytics.model import Geometry, Head, Tensor
from hub.analytics.models import head_for
from hub.analytics.runtime import Graph


def head_of(card: Card) -> Head:
    """The card's model type, ready to decode."""
    names = card.class_names
    wanted = tuple(i for i, name in enumerate(names) if name in card.kinds)
    geometry = Geometry(
        width=card.input.width,
        height=card.input.height,
        classes=len(names),
        wanted=wanted,
        least=tuple(card.thresholds.least(card.kinds[names[i]]) for i in wanted),
    )
    return head_for(card.head, geometry)


def misfits(card: Card, graph: Graph) -> list[str]:
    """What does not fit, in words; [] when all does. Raises Permanent when the run itself fails."""
    wrong = _input_misfits(card, graph)
    head = head_of(card)
    wrong += head.misfits(graph.outputs)
    if wrong:
        return wrong
    names = head.outputs() or tuple(output.name for output in graph.outputs)
    grey = np.zeros(_input_shape(card), np.float32)
    values = graph.run(names, grey)
    seen = [Tensor(name, value.shape) for name, value in zip(names, values, strict=True)]
    wrong = head.misfits(seen)
    wrong += [
        f"output {tensor.name} holds values that are not numbers"
        for tensor, value in zip(seen, values, strict=True)
        if value.dtype.kind == "f" and not np.isfinite(value).all()
    ]
    return wrong


def _input_shape(card: Card) -> tuple[int, ...]:
    size = (card.input.height, card.input.width)
    return (1, 3, *size) if card.input.layout == "nchw" else (1, *size, 3)


def _input_misfits(card: Card, graph: Graph) -> list[str]:
    if len(graph.inputs) != 1:
        names = ", ".join(tensor.name for tensor in graph.inputs)
        return [f"it has {len(graph.inputs)} inputs ({names}), expected one"]
    given, expected = graph.inputs[0], _input_shape(card)
    wrong = []
    if graph.input_types[0] != "tensor(float)":
        wrong.append(f"input {given.name} is {graph.input_types[0]}, expected tensor(float)")
    fits = len(given.shape) == len(expected) and all(
        has in (None, wants) for has, wants in zip(given.shape, expected, strict=True)
    )
    if not fits:
        wrong.append(f"input {given.name} is {list(given.shape)}, expected {list(expected)}")
    return wrong
