"""Real clips and real weights, pulled as the hub pulls them and kept in its cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from ruamel.yaml import YAML

from hub.analytics.catalog.cards import Card, ModelsFile
from hub.kit.fetch import pull_member
from hub.kit.places import cache_dir
from hub.types.media import U8
from tests.integration.analytics.footage import CLIPS, YOLO11N

CONFIGS = Path(__file__).parents[3] / "configs"


@pytest.fixture(scope="session")
def cache() -> Path:
    """The hub's own cache: what one run pulled the next one finds."""
    return cache_dir()


@pytest.fixture(scope="session")
def clip(cache: Path) -> Callable[[str], Path]:
    """The file of a clip by its short name."""
    return lambda name: pull_member(*CLIPS[name], cache)


@pytest.fixture(scope="session")
def picture(clip: Callable[[str], Path]) -> Callable[[str, int], U8]:
    """One picture of a clip by its number, BGR."""

    def read(name: str, number: int) -> U8:
        reader = cv2.VideoCapture(str(clip(name)))
        reader.set(cv2.CAP_PROP_POS_FRAMES, number)
        there, pixels = reader.read()
        assert there, f"{name} has no picture {number}"
        return np.asarray(pixels, np.uint8)

    return read


@pytest.fixture(scope="session")
def cards() -> dict[str, Card]:
    """The cards of the shipped catalog, and one for a test-only model."""
    shipped = ModelsFile.model_validate(YAML(typ="safe").load(CONFIGS / "models.yaml"))
    return {card.id: card for card in (*shipped.models, Card.model_validate(YOLO11N))}
