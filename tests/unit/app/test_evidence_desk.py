"""Evidence on a disk that refuses it: told and tried again, what is lost is counted, and the
findings go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hub.analytics.still import StillPicture
from hub.app import evidence as evidence_module
from hub.app.evidence import EvidenceDesk
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store.media import MediaKind, MediaStore
from hub.types.finding import Finding, Phase
from hub.types.media import Frame
from tests.unit.app.test_keeper import finding
from tests.unit.ingest.clips import camera

GREY = StillPicture(np.full((90, 160, 3), 90, np.uint8))


class Refused:
    """A desk whose folder cannot be written: a file stands in its place until `give_room`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "media"
        self.root.write_text("")
        self.store, self.metrics, self.clock = MediaStore(self.root), Metrics(), SimClock()
        self.desk = EvidenceDesk(self.store, self.clock, self.metrics)

    def give_room(self) -> None:
        self.root.unlink()

    def note(self, number: int) -> Finding:
        now = self.clock.now()
        frame = Frame("cam", number, now, now, float(number), GREY)
        opened = replace(finding(number), evidence_id=f"evidence-{number}", phase=Phase.OPENED)
        return self.desk.note(camera(), (), (), "crowd", opened, frame)

    def has(self, number: int) -> bool:
        return self.store.exists(f"evidence-{number}", MediaKind.PICTURE)


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    return Refused(tmp_path)


def test_a_picture_that_was_refused_is_written_when_there_is_room(refused: Refused) -> None:
    assert refused.note(1).evidence_id == "evidence-1"
    refused.note(2)
    for _ in range(3):
        with pytest.raises(Retryable) as caught:
            refused.desk.make_step()
        assert caught.value.code == "media_failed"
    assert refused.metrics.get("hub_evidence_refusals_total") == 3
    refused.give_room()
    refused.desk.make_step()
    refused.desk.make_step()
    assert refused.has(1)
    assert refused.has(2)


def test_what_finds_no_room_is_counted_and_its_finding_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_module, "READY", 3)
    refused = Refused(tmp_path)
    noted = [refused.note(n) for n in range(5)]
    assert [one.episode_id for one in noted] == [f"e{n}" for n in range(5)]
    assert refused.metrics.get("hub_evidence_dropped_total") == 2


def test_the_last_minute_ends_also_when_the_disk_refuses(
    refused: Refused, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        refused.note(number)
    refused.desk.flush()
    assert refused.metrics.get("hub_evidence_dropped_total") == 3
    assert "3 pictures and clips are lost: media_failed" in caplog.text
