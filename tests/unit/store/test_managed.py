"""Entries of files and of the API in one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.kit.errors import Conflict, Misconfigured, NotFound
from hub.store.db import Database
from hub.store.managed import Changes, Draft, Managed
from hub.store.secrets import SecretBox
from hub.store.tables.rules import rules
from hub.store.tables.sources import cameras

FILE = "configs/cameras.yaml"


@pytest.fixture
def managed(tmp_path: Path) -> Managed:
    return Managed(cameras, "camera", SecretBox(tmp_path / "key"))


def spec(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "owner": "镇政府", **more}


def test_a_file_is_added_changed_and_shortened(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        first = managed.sync_file(tx, {"gate": spec("东门"), "yard": spec("院")}, FILE, 1.0)
        assert first == Changes(added=("gate", "yard"))
        again = managed.sync_file(tx, {"gate": spec("东门"), "yard": spec("院")}, FILE, 2.0)
        assert again == Changes(unchanged=("gate", "yard"))
        assert not again
        third = managed.sync_file(tx, {"gate": spec("西门")}, FILE, 3.0)
        assert third == Changes(updated=("gate",), disabled=("yard",))
        assert managed.get(tx, "gate").version == 2
        assert managed.get(tx, "yard").enabled is False
        assert [e.id for e in managed.list(tx, enabled=True)] == ["gate"]
        back = managed.sync_file(tx, {"gate": spec("西门"), "yard": spec("院")}, FILE, 4.0)
        assert back == Changes(updated=("yard",), unchanged=("gate",))
        assert managed.get(tx, "yard").enabled is True


def test_the_revision_grows_with_changes_only(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        assert managed.revision(tx) == 0
        managed.sync_file(tx, {"gate": spec("东门")}, FILE, 1.0)
        managed.sync_file(tx, {"gate": spec("东门")}, FILE, 2.0)
        assert managed.revision(tx) == 1
        managed.create(tx, "mine", spec("我的"), 3.0)
        managed.update(tx, "mine", spec("你的"), 4.0)
        managed.delete(tx, "mine")
        assert managed.revision(tx) == 4


def test_the_api_may_not_touch_what_stands_in_a_file(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        managed.sync_file(tx, {"gate": spec("东门")}, FILE, 1.0)
        for act in (
            lambda: managed.create(tx, "gate", spec("x"), 2.0),
            lambda: managed.update(tx, "gate", spec("x"), 2.0),
            lambda: managed.delete(tx, "gate"),
        ):
            with pytest.raises(Conflict, match=FILE) as caught:
                act()
            assert caught.value.code == "managed_by_file"
        managed.sync_file(tx, {}, FILE, 3.0)
        managed.delete(tx, "gate")  # the file let go of it
        assert managed.find(tx, "gate") is None


def test_the_file_may_not_touch_what_came_by_the_api(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        managed.create(tx, "mine", spec("我的"), 1.0)
        changes = managed.sync_file(tx, {"mine": spec("别的")}, FILE, 2.0)
        assert changes == Changes(conflicts=("mine",))
        assert managed.get(tx, "mine").spec["name"] == "我的"
        assert managed.sync_file(tx, {}, FILE, 3.0) == Changes()
        assert managed.get(tx, "mine").enabled


def test_an_old_version_is_refused(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        entry = managed.create(tx, "mine", spec("一"), 1.0)
        managed.update(tx, "mine", spec("二"), 2.0, version=entry.version)
        with pytest.raises(Conflict) as caught:
            managed.update(tx, "mine", spec("三"), 3.0, version=entry.version)
        assert caught.value.code == "version"
        with pytest.raises(Conflict) as caught:
            managed.create(tx, "mine", spec("四"), 3.0)
        assert caught.value.code == "exists"
        with pytest.raises(NotFound):
            managed.update(tx, "nobody", spec("x"), 3.0)


def test_secrets_lie_encrypted_and_do_not_make_a_change(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        entries, secrets = {"gate": spec("东门")}, {"gate": "pass:wörd"}
        managed.sync_file(tx, entries, FILE, 1.0, secrets)
        entry = managed.get(tx, "gate")
        assert entry.secret is not None
        assert "wörd" not in entry.secret
        assert managed.reveal(entry) == "pass:wörd"
        assert managed.sync_file(tx, entries, FILE, 2.0, secrets).unchanged == ("gate",)
        assert managed.sync_file(tx, entries, FILE, 3.0, {"gate": "new"}).updated == ("gate",)
        managed.create(tx, "mine", spec("我的"), 4.0, secret="one")
        assert managed.reveal(managed.update(tx, "mine", spec("x"), 5.0)) == "one"
        assert managed.update(tx, "mine", spec("x"), 6.0, secret="").secret is None


def test_a_disabled_entry_of_a_file_stays_disabled(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        managed.sync_file(tx, {"gate": spec("东门", enabled=False)}, FILE, 1.0)
        assert managed.get(tx, "gate").enabled is False
        with pytest.raises(Conflict):
            managed.delete(tx, "gate")


def test_searching_and_paging(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        names = {"a-1": "东门", "a-2": "西门", "b-1": "100%", "b-2": "Yard"}
        managed.sync_file(tx, {i: spec(n) for i, n in names.items()}, FILE, 1.0)
        assert [e.id for e in managed.list(tx, text="门")] == ["a-1", "a-2"]
        assert [e.id for e in managed.list(tx, text="B-")] == ["b-1", "b-2"]
        assert [e.id for e in managed.list(tx, text="yard")] == ["b-2"]
        assert [e.id for e in managed.list(tx, text="0%")] == ["b-1"]
        assert [e.id for e in managed.list(tx, text="政府", after_id="a-1", limit=2)] == [
            "a-2",
            "b-1",
        ]


def test_many_are_written_at_once_or_none(db: Database, managed: Managed) -> None:
    with db.write() as tx:
        old = managed.create(tx, "a", spec("A"), 1.0, secret="one")
        managed.put_all(
            tx,
            [Draft("a", spec("A2"), None, True, old.version), Draft("b", spec("B"), "two", False)],
            2.0,
        )
        a, b = managed.list(tx)
        assert (a.spec["name"], a.version, managed.reveal(a)) == ("A2", 2, "one")
        assert (b.spec["name"], b.version, managed.reveal(b), b.enabled) == ("B", 1, "two", False)
        assert managed.revision(tx) == 2
        for drafts, code in (
            ([Draft("c", spec("C"), None, True), Draft("b", spec("B"), None, True)], "exists"),
            ([Draft("c", spec("C"), None, True), Draft("a", spec("A"), None, True, 1)], "version"),
            ([Draft("d", spec("D"), None, True, 1)], "version"),
        ):
            with pytest.raises(Conflict) as caught:
                managed.put_all(tx, drafts, 3.0)
            assert caught.value.code == code
        assert [entry.id for entry in managed.list(tx)] == ["a", "b"]


def test_rules_have_no_secret(db: Database) -> None:
    managed = Managed(rules, "rule")
    with db.write() as tx:
        managed.sync_file(tx, {"fence": {"kind": "zone_intrusion"}}, "configs/rules.yaml", 1.0)
        assert managed.get(tx, "fence").secret is None
        with pytest.raises(Misconfigured):
            managed.create(tx, "x", {}, 2.0, secret="nothing to keep it in")
