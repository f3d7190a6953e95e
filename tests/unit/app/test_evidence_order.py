"""Which evidence waits behind which: a long encoding holds up no picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hub.alerts.evidence import NoClip
from hub.alerts.evidence.marks import ClipMarks, Moment
from hub.analytics.still import StillPicture
from hub.app import evidence as evidence_module
from hub.app.evidence import EvidenceDesk
from hub.ingest.ring import Ring
from hub.kit.clock import SimClock
from hub.kit.errors import Permanent
from hub.kit.metrics import Metrics
from hub.store.media import MediaKind, MediaStore
from hub.types.media import Codec, Frame, Packet, StreamInfo, StreamRole
from tests.unit.app.test_keeper import finding
from tests.unit.ingest.clips import camera

GREY = StillPicture(np.full((90, 160, 3), 90, np.uint8))


class Site:
    """A desk with rings that hold the last ten seconds; clips carry their codec's name."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.metrics = SimClock(), Metrics()
        self.store = MediaStore(folder / "media")
        self.desk = EvidenceDesk(self.store, self.clock, self.metrics)
        self.broken: set[Codec] = set()
        monkeypatch.setattr(evidence_module, "clip", self._clip)

    def _clip(self, packets: Sequence[Packet], info: StreamInfo, masks: object) -> bytes:
        if info.codec in self.broken:
            raise NoClip("garbage")
        return info.codec.value.encode()

    def ring(self, codec: Codec, role: StreamRole = StreamRole.SUB) -> Ring:
        ring, now = Ring("cam"), self.clock.now()
        for n in range(100):
            at = now - 10.0 + n / 10.0
            packet = Packet("cam", role, b"x" * 100, n % 20 == 0, n / 10.0, n / 10.0, at, at)
            ring.add(packet, StreamInfo(codec, 160, 90, b""))
        return ring

    def note(self, name: str, rings: Sequence[Ring], frame: Frame | None = None) -> None:
        opened = replace(finding(1), evidence_id=name, captured_at=self.clock.now() - 5.0)
        self.desk.note(camera(), rings, (), "crowd", opened, frame)

    def frame(self) -> Frame:
        now = self.clock.now()
        return Frame("cam", 1, now, now, 1.0, GREY)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_a_picture_does_not_wait_behind_a_clip_that_is_encoded_anew(site: Site) -> None:
    site.note("hevc", [site.ring(Codec.H265)])
    site.desk.cut_step()
    site.note("later", [], site.frame())
    site.desk.make_step()
    assert site.store.exists("later", MediaKind.PICTURE)
    assert not site.store.exists("hevc", MediaKind.CLIP)
    site.desk.encode_step()
    assert site.store.exists("hevc", MediaKind.CLIP)


def test_a_clip_that_is_only_remuxed_is_made_with_the_pictures(site: Site) -> None:
    site.note("h264", [site.ring(Codec.H264)])
    site.desk.cut_step()
    site.desk.make_step()
    assert site.store.exists("h264", MediaKind.CLIP)


def test_where_the_small_stream_makes_no_clip_the_large_one_does(site: Site) -> None:
    site.broken.add(Codec.H265)
    site.note("both-streams", [site.ring(Codec.H265), site.ring(Codec.H264, StreamRole.MAIN)])
    site.desk.flush()
    with site.store.open("both-streams", MediaKind.CLIP) as file:
        assert file.read() == b"h264"


def test_where_no_stream_makes_one_it_is_said_and_counted(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.broken |= {Codec.H264, Codec.H265}
    site.note("no-clip-at-all", [site.ring(Codec.H265), site.ring(Codec.H264)])
    site.desk.flush()
    assert site.metrics.get("hub_evidence_no_clip_total") == 1
    assert "garbage" in caplog.text


def test_a_clip_says_when_it_begins_and_where_its_marks_are(site: Site) -> None:
    now = site.clock.now()
    site.note("marked", [site.ring(Codec.H264)])
    site.desk.flush()
    with site.store.open("marked", MediaKind.MARKS) as file:
        told = ClipMarks.from_json(file.read())
    assert told.starts_at == pytest.approx(now - 10.0)
    assert told.ends_at == pytest.approx(now - 0.1)
    assert [mark.what for mark in told.marks] == [Moment.BEGAN, Moment.RAISED]
    raised_s = finding(1).dwell_s - 5.0
    assert [mark.at - now for mark in told.marks] == pytest.approx([-5.0, raised_s])
    with pytest.raises(Permanent):
        ClipMarks.from_json(b'{"starts_at": 1}')
