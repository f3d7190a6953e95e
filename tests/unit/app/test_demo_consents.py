"""The demo's owners have agreed: its walls show pictures, and one tile shows what withheld is."""

from __future__ import annotations

from hub.access.consent import Mode, needs_consent
from hub.access.consents import service
from hub.app.demo.consents import AGREED, give_consents
from hub.config import load_or_refuse
from hub.store.db import Database
from tests.harness import ROOT


def test_every_owner_of_the_demo_who_is_asked_has_said_something() -> None:
    cameras = load_or_refuse(ROOT / "configs", "demo").cameras
    asked = {camera.owner for camera in cameras if needs_consent(camera.owner_kind)}
    assert asked == {terms.owner for terms in AGREED}
    assert {terms.mode for terms in AGREED} == {Mode.ALWAYS, Mode.INCIDENT}


def test_what_an_owner_changed_meanwhile_stays(db: Database, database_url: str) -> None:
    give_consents(database_url, 100.0)
    with db.write() as tx:
        first = service.list_consents(tx)
        (school,) = [each for each in first if each.terms.mode is Mode.INCIDENT]
        service.end(tx, school.id, "the school", 150.0)
    give_consents(database_url, 200.0)
    with db.read() as tx:
        later = service.list_consents(tx)
    assert len(first) == len(AGREED)
    new = {each.id for each in later} - {each.id for each in first}
    assert [each.terms for each in later if each.id in new] == [school.terms]
