"""Evidence leaves the house by two people, marked, hashed, and for a while only."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest
from PIL import Image, ImageFont
from sqlalchemy import Connection, insert, select, update

from hub.alerts.evidence import picture
from hub.app.desk import unfenced
from hub.app.exports import ExportStep
from hub.app.retention import RetentionStep
from hub.kit.clock import SimClock
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.privacy.exports import service
from hub.privacy.exports.service import ExportReason, ExportState, Question
from hub.privacy.exports.watermark import Stamp, Unreadable
from hub.privacy.holds import service as holds
from hub.privacy.holds.service import HoldReason, Word
from hub.privacy.settings import Retention
from hub.store.db import Database
from hub.store.media import MediaKind, MediaStore
from hub.store.tables.alerts import transitions
from hub.store.tables.privacy import exports
from tests.unit.privacy.rows import DAY, NOW, put_alert, put_incident, put_media

ZONE = ZoneInfo("Asia/Shanghai")
GREY = np.full((120, 320, 3), 90, np.uint8)
STAMP = Stamp("li 2026-01-01 EX-1", ImageFont.load_default)


def mp4(frames: int = 5) -> bytes:
    """A grey clip."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        track = made.add_stream("libx264", rate=5)
        track.width, track.height, track.pix_fmt = 320, 120, "yuv420p"
        for _ in range(frames):
            made.mux(track.encode(av.VideoFrame.from_ndarray(GREY, format="rgb24")))
        made.mux(track.encode(None))
    return out.getvalue()


def spread(image: np.ndarray) -> float:
    return float(image.astype(float).std())


@pytest.fixture
def clock() -> SimClock:
    return SimClock(NOW)


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


@pytest.fixture
def step(db: Database, store: MediaStore, clock: SimClock) -> ExportStep:
    return ExportStep(db, store, clock, unfenced, Metrics())


@pytest.fixture
def case(db: Database, store: MediaStore) -> str:
    with db.write() as tx:
        put_incident(tx, "case", "closed", NOW)
        put_alert(tx, "one", NOW, incident="case")
        put_media(tx, "photo-1", "incident:case", NOW)
        put_alert(tx, "other", NOW)
    store.put("pic-one", MediaKind.PICTURE, picture(GREY))
    store.put("pic-one", MediaKind.CLIP, mp4())
    store.put("photo-1", MediaKind.PHOTO, picture(GREY))
    return "case"


def asked(
    tx: Connection, *evidence: str, by: str = "li", free_words: bool = False
) -> service.Export:
    said = (ExportReason.POLICE, "theft", "Police", "Law, art. 1", free_words)
    question = Question("case", evidence, *said)
    return service.ask(tx, question, by, NOW, counted_ids("0000export"))


def test_every_frame_of_a_clip_and_every_picture_is_marked() -> None:
    assert spread(GREY) == 0
    with Image.open(io.BytesIO(STAMP.picture(picture(GREY)))) as opened:
        assert spread(np.asarray(opened.convert("RGB"))) > 3
    with av.open(io.BytesIO(STAMP.clip(mp4(5))), "r") as made:
        stream = made.streams.video[0]
        assert stream.codec_context.name == "h264"
        frames = [frame.to_ndarray(format="rgb24") for frame in made.decode(stream)]
    assert len(frames) == 5
    assert min(map(spread, frames)) > 3
    quarters = np.array_split(frames[-1], 4)
    assert min(map(spread, quarters)) > 3, "no quarter can be cut out unmarked"


def test_the_mark_shows_on_black_and_on_white() -> None:
    for ground in (0, 255):
        assert spread(STAMP.on(np.full((120, 320, 3), ground, np.uint8))) > 3


def test_times_of_a_clip_stay() -> None:
    with av.open(io.BytesIO(STAMP.clip(mp4(5))), "r") as made:
        times = [frame.time for frame in made.decode(video=0)]
    assert times == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8], abs=0.01)


def test_what_is_broken_is_told() -> None:
    with pytest.raises(Unreadable):
        STAMP.picture(b"no picture")
    with pytest.raises(Unreadable):
        STAMP.clip(b"no clip")


def test_the_whole_way_of_an_export(
    db: Database, store: MediaStore, step: ExportStep, clock: SimClock, case: str
) -> None:
    with db.write() as tx:
        export = asked(tx)
        assert export.question.evidence_ids == ("photo-1", "pic-one")
    assert step.step(ZONE) > 0, "nothing is made that nobody has approved"
    with db.write() as tx:
        with pytest.raises(Forbidden, match="another person"):
            service.decide(tx, export.id, True, "", "li", NOW)
        service.decide(tx, export.id, True, "seen the letter", "wang", NOW + 60)
    clock.advance(60)
    step.step(ZONE)
    with db.read() as tx:
        ready = service.get(tx, export.id)
    assert (ready.state, ready.decided_by, ready.tries) == (ExportState.READY, "wang", 1)
    with store.open(export.id, MediaKind.EXPORT) as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == ready.sha256
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = archive.namelist()
        hashes = [hashlib.sha256(archive.read(f["name"])).hexdigest() for f in manifest["files"]]
        letter = archive.read("README.txt").decode()
        timeline = archive.read("timeline.json").decode()
    assert names == [
        *("evidence/001-photo.jpg", "evidence/002-picture.jpg", "evidence/003-clip.mp4"),
        *("manifest.json", "timeline.json", "README.txt"),
    ]
    assert [f["sha256"] for f in manifest["files"]] == hashes
    with store.open("pic-one", MediaKind.CLIP) as file:
        original = hashlib.sha256(file.read()).hexdigest()
    assert manifest["files"][2]["original_sha256"] == original
    assert export.number in letter
    assert "some-actor" not in timeline
    with db.read() as tx:
        log = transitions.c
        lines = tx.execute(
            select(log.what, log.actor, log.reason).where(log.entity == "export").order_by(log.seq)
        )
        told = list(map(tuple, lines))
    assert [line[0] for line in told] == ["ask", "approve", "make", "made"]
    assert told[3][2] == f"{export.number} sha256:{ready.sha256}"


def test_it_is_fetched_by_who_asked_some_times_and_for_a_while(
    db: Database, step: ExportStep, clock: SimClock, case: str
) -> None:
    with db.write() as tx:
        export = asked(tx)
        with pytest.raises(Conflict, match="asked"):
            service.fetch(tx, export.id, "li", NOW)
        service.decide(tx, export.id, True, "", "wang", NOW)
    step.step(ZONE)
    with db.write() as tx:
        with pytest.raises(Forbidden, match="who asked"):
            service.fetch(tx, export.id, "wang", NOW)
        for _ in range(service.FETCHES_MAX):
            service.fetch(tx, export.id, "li", NOW)
        with pytest.raises(Conflict, match="fetched 3 times"):
            service.fetch(tx, export.id, "li", NOW)
    clock.advance(service.FETCH_S)
    with db.write() as tx, pytest.raises(Conflict, match="expired"):
        service.fetch(tx, export.id, "li", clock.now())
    step.step(ZONE)
    with db.read() as tx:
        assert service.get(tx, export.id).state is ExportState.EXPIRED


def test_the_file_goes_after_its_days_unless_the_case_is_held(
    db: Database, store: MediaStore, step: ExportStep, clock: SimClock, case: str
) -> None:
    with db.write() as tx:
        export = asked(tx)
        service.decide(tx, export.id, True, "", "wang", NOW)
    step.step(ZONE)
    tidy = RetentionStep(db, store, clock, counted_ids("d"), unfenced, Metrics())
    tidy.run_through(Retention())
    assert store.exists(export.id, MediaKind.EXPORT)
    clock.advance(7 * DAY + 1)
    with db.write() as tx:
        word = Word("chen", clock.now(), "letter 12")
        hold = holds.place(tx, "case", HoldReason.COURT, None, word, lambda: "h1")
    tidy.run_through(Retention())
    assert store.exists(export.id, MediaKind.EXPORT)
    with db.write() as tx:
        holds.end(tx, hold.id, word, lambda: "h2")
    tidy.run_through(Retention())
    assert not store.exists(export.id, MediaKind.EXPORT)


def test_one_that_cannot_be_made_fails_by_name(
    db: Database, store: MediaStore, step: ExportStep, case: str
) -> None:
    with db.write() as tx:
        export = asked(tx)
        service.decide(tx, export.id, True, "", "wang", NOW)
    for evidence in ("pic-one", "photo-1"):
        store.remove(evidence)
    step.step(ZONE)
    with db.read() as tx:
        failed = service.get(tx, export.id)
    assert (failed.state, failed.failure) == (ExportState.FAILED, "evidence_gone")


def test_one_that_kills_the_centre_is_given_up(db: Database, case: str) -> None:
    """The centre died each time while it was making it."""
    with db.write() as tx:
        export = asked(tx)
        service.decide(tx, export.id, True, "", "wang", NOW)
        for _ in range(service.TRIES_MAX):
            assert service.take(tx, NOW) is not None
        assert service.take(tx, NOW) is None
        failed = service.get(tx, export.id)
    assert (failed.state, failed.failure) == (ExportState.FAILED, "gave_up")


def test_only_pictures_of_that_incident_can_be_asked_for(db: Database, case: str) -> None:
    with db.write() as tx:
        with pytest.raises(Refused, match="pic-other"):
            asked(tx, "pic-one", "pic-other")
        assert asked(tx, "pic-one").question.evidence_ids == ("pic-one",)
        with pytest.raises(NotFound):
            service.ask(
                tx, Question("none", (), ExportReason.COURT, "", "x", "y"), "li", NOW, lambda: "e"
            )


def test_a_no_ends_it(db: Database, step: ExportStep, case: str) -> None:
    with db.write() as tx:
        export = asked(tx)
        refused = service.decide(tx, export.id, False, "no letter", "wang", NOW)
        assert refused.state is ExportState.REFUSED
        with pytest.raises(Conflict, match="refused"):
            service.decide(tx, export.id, True, "", "wang", NOW)
    assert step.step(ZONE) > 0


def test_two_decisions_at_once_are_one(db: Database, case: str) -> None:
    with db.write() as tx:
        export = asked(tx)
        tx.execute(update(exports).values(version=7))
        with pytest.raises(Conflict, match="just now"):
            service._move(tx, export, ExportState.APPROVED, "approve", "wang", NOW, {})


def note(
    tx: Connection, what: str, reason: str, actor: str, number: int, of: str = "incident/case"
) -> None:
    said = {"what": what, "reason": reason, "actor": actor, "version": number, "at": NOW}
    said |= {"from_state": None, "to_state": None, "device": None}
    entity, entity_id = of.split("/")
    tx.execute(insert(transitions).values(entity=entity, entity_id=entity_id, **said))


def unpacked(
    db: Database, store: MediaStore, step: ExportStep, export: service.Export
) -> tuple[str, str, str]:
    """The timeline, the manifest and the letter of what was asked for."""
    with db.write() as tx:
        service.decide(tx, export.id, True, "", "wang", NOW)
    step.step(ZONE)
    with store.open(export.id, MediaKind.EXPORT) as file:
        archive = zipfile.ZipFile(io.BytesIO(file.read()))
    files = ("timeline.json", "manifest.json", "README.txt")
    timeline, manifest, letter = (archive.read(name).decode() for name in files)
    return timeline, manifest, letter


WROTE = "王芳的儿子报的警"


def test_free_words_and_what_was_not_chosen_stay_in_the_house(
    db: Database, store: MediaStore, step: ExportStep, case: str
) -> None:
    with db.write() as tx:
        note(tx, "rework", f"not_done: {WROTE}", "chen", 1)
        note(tx, "settle", WROTE, "chen", 2)
        note(tx, "merge", "another-incident", "chen", 3)
        note(tx, "archive", "archive_after", "hub", 4)
        note(tx, "file", "zhangsan", "chen", 5)
        note(tx, "raise", "", "hub", 1, of="alert/one")
        export = asked(tx, "photo-1")
    timeline, manifest, letter = unpacked(db, store, step, export)
    lines = json.loads(timeline)
    assert [line["reason"] for line in lines if line["reason"]] == ["not_done", "archive_after"]
    assert {each for line in lines for each in line["evidence"]} <= {"photo-1"}
    assert "alert raise" in timeline
    assert "pic-one" not in timeline
    assert json.loads(manifest)["free_words"] is False
    assert "has no words of staff" in letter


def test_free_words_go_along_where_they_were_asked_for(
    db: Database, store: MediaStore, step: ExportStep, case: str
) -> None:
    with db.write() as tx:
        note(tx, "rework", f"not_done: {WROTE}", "chen", 1)
        export = asked(tx, free_words=True)
        assert service.get(tx, export.id).question.free_words
    timeline, manifest, letter = unpacked(db, store, step, export)
    assert WROTE in timeline
    assert "chen" not in timeline
    assert json.loads(manifest)["free_words"] is True
    assert "时间线含经办人员所写文字" in letter
