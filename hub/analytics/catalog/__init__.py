"""The catalog of models: cards, and the detectors made from them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from hub.analytics.catalog.cards import Card
from hub.analytics.catalog.detector import GraphDetector
from hub.analytics.catalog.pull import pull
from hub.analytics.runtime import Graph
from hub.kit.errors import Misconfigured, NotFound
from hub.kit.fetch import Progress
from hub.kit.metrics import Metrics
from hub.types.scene import ModelTask


class Catalog:
    """Hands out detectors by model id, one shared session each."""

    def __init__(
        self, cards: Sequence[Card], cache: Path, metrics: Metrics, progress: Progress | None = None
    ) -> None:
        self._cards = {card.id: card for card in cards}
        self._cache = cache
        self._metrics = metrics
        self._progress = progress
        self._detectors: dict[str, GraphDetector] = {}
        self._lock = threading.Lock()

    def card(self, model_id: str) -> Card:
        """The card. Raises NotFound."""
        if model_id not in self._cards:
            raise NotFound(f"there is no model {model_id} in the catalog")
        return self._cards[model_id]

    def detector(self, model_id: str) -> GraphDetector:
        """The detector, pulled and verified at its first use.

        Raises NotFound; Misconfigured (`model_misfit`, `model_task`, `source_unreadable`);
        Retryable (`unreachable`); Permanent (`model_corrupt` and those of `pull_member`).
        """
        card = self.card(model_id)
        with self._lock:
            if model_id not in self._detectors:
                self._detectors[model_id] = self._made(card)
            return self._detectors[model_id]

    def _made(self, card: Card) -> GraphDetector:
        if card.task is not ModelTask.DETECT:
            raise Misconfigured(
                f"model {card.id} is for {card.task}, not for detecting", code="model_task"
            )
        path = pull(card, self._cache, self._progress)
        return GraphDetector(card, Graph(path, card.id, card.device, self._metrics))
