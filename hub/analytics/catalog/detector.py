"""A card and its graph made into a detector."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hub.analytics.catalog.cards import Card
from hub.analytics.catalog.picture_input import PictureInput, Placement
from hub.analytics.catalog.verify import head_of, misfits
from hub.analytics.families import FAMILY
from hub.analytics.model import F32, Array, Candidates
from hub.analytics.runtime import Device, Graph
from hub.kit.errors import Misconfigured
from hub.types.media import Frame, Picture
from hub.types.scene import Detections

_BOXES_MAX = 300


class GraphDetector:
    """Prepares, runs, decodes, suppresses and maps; shared by cameras and threads."""

    def __init__(self, card: Card, graph: Graph) -> None:
        """Raises Misconfigured (`model_misfit`) when the graph does not fit the card."""
        if wrong := misfits(card, graph):
            raise Misconfigured(
                f"model {card.id} does not fit its card: {'; '.join(wrong)}", code="model_misfit"
            )
        self.card = card
        self._graph = graph
        self._head = head_of(card)
        self._input = PictureInput(card.input)
        self._kinds = [card.kinds.get(name) for name in card.class_names]
        self._family = np.array([FAMILY[kind] if kind else 0 for kind in self._kinds], np.int32)

    @property
    def model_id(self) -> str:
        """The card's id."""
        return self.card.id

    @property
    def start_score(self) -> float:
        """Least score that may begin a track."""
        return self.card.thresholds.start_score

    @property
    def device(self) -> Device:
        """Where it really runs."""
        return self._graph.device

    def detect(self, frame: Frame) -> Detections:
        """What is seen in the frame, best first. Raises Permanent (`model_failed`)."""
        feed, place = self.prepare(frame.picture)
        return self.read(self.run(feed), place)

    def prepare(self, picture: Picture) -> tuple[F32, Placement]:
        """The network's input for a picture, and where the picture lies in it."""
        return self._input.prepare(picture)

    def run(self, feed: F32) -> list[Array]:
        """The graph's outputs as the head wants them."""
        return self._graph.run(self._head.outputs(), feed)

    def read(self, outputs: list[Array], place: Placement) -> Detections:
        """Detections from the graph's outputs."""
        found = self._head.decode(outputs)
        keep = self._keep(found)
        xyxy = place.to_unit(found.xyxy[keep])
        real = (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])
        keep, xyxy = keep[real], xyxy[real]
        kinds = (self._kinds[each] for each in found.classes[keep])
        return Detections(xyxy, found.scores[keep], tuple(kind for kind in kinds if kind))

    def _keep(self, found: Candidates) -> NDArray[np.int64]:
        """Indices of the candidates that stay, best first."""
        if self._head.suppresses or len(found.scores) < 2:
            return np.argsort(-found.scores, kind="stable")[:_BOXES_MAX]
        corner, size = found.xyxy[:, :2], found.xyxy[:, 2:] - found.xyxy[:, :2]
        winners = cv2.dnn.NMSBoxesBatched(
            np.concatenate([corner, size], 1),  # type: ignore[arg-type]  # the stub knows no arrays
            found.scores,  # type: ignore[arg-type]
            self._family[found.classes],  # type: ignore[arg-type]
            0.0,
            self.card.thresholds.nms_iou,
        )
        return np.asarray(winners, np.int64)[:_BOXES_MAX]
