"""`hub audit` as an administrator meets it: words, exit codes, and heads kept elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from hub.__main__ import main
from hub.cli.audit import BROKEN, SOUND, UNKNOWN
from hub.store.audit.logs import TRANSITIONS, newest
from hub.store.audit.sealer import seal_once
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from tests.unit.store.test_sealer import move


@pytest.fixture
def there(db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("DATABASE_URL", database_url)
    grow(db, "first")
    grow(db, "second")
    with db.write() as tx:
        tx.execute(insert(transitions).values(move("not sealed yet")))
    return db


def grow(db: Database, name: str) -> None:
    with db.write() as tx:
        tx.execute(insert(transitions), [move(f"{name}-{n}", actor="li") for n in range(3)])
        seal_once(tx, TRANSITIONS, newest(tx, TRANSITIONS), 1_700_000_000.0)


def forge(db: Database) -> None:
    with db.write() as tx:
        forged = update(transitions).where(transitions.c.entity_id == "second-1")
        tx.execute(forged.values(reason="forged"))


def test_a_sound_log_is_told_with_its_unsealed_tail(
    there: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify"]) == SOUND
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "transitions: sound"
    assert said[1].split(None, 1)[1] == "6 rows under 2 seals, the last 2023-11-14T22:13:20.000Z"
    assert said[2].split(None, 1)[1].startswith("1 rows, the oldest for ")
    assert said[3:] == [
        "looks: sound", "  sealed    0 rows under 0 seals, the last never", "  unsealed  0 rows",
    ]  # fmt: skip


def test_a_forged_row_is_named_and_the_exit_code_says_so(
    there: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(there)
    assert main(["audit", "verify"]) == BROKEN
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "transitions: BROKEN, 1 of its seals"
    assert said[3].startswith("  first     seal 2, row ")
    assert said[3].endswith(": changed")
    assert main(["audit", "verify", "--json"]) == BROKEN
    told = json.loads(capsys.readouterr().out)
    assert told["sound"] is False
    moves, looked = told["chains"]
    assert (moves["sound"], moves["first"]["seal"], moves["first"]["what"]) == (False, 2, "changed")
    assert (looked["sound"], looked["first"], looked["sealed_rows"]) == (True, None, 0)


def test_a_head_kept_elsewhere_tells_a_chain_made_anew(
    there: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "head"]) == SOUND
    kept = tmp_path / "head.txt"
    kept.write_text(capsys.readouterr().out, "utf-8")
    grow(there, "third")
    assert main(["audit", "verify", "--head", str(kept)]) == SOUND
    assert "seal 2 is the one that was written down" in capsys.readouterr().out
    other = kept.read_text("utf-8").replace("transitions 2 ", "transitions 1 ")
    kept.write_text(other, "utf-8")
    assert main(["audit", "verify", "--head", str(kept)]) == BROKEN
    assert "first     seal 1: rewritten" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "transitions two abc", "other 1 abc", "transitions 1"])
def test_what_is_no_head_is_refused(
    there: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    kept = tmp_path / "head.txt"
    kept.write_text(text, "utf-8")
    assert main(["audit", "verify", "--head", str(kept)]) == UNKNOWN
    assert "bad_head" in capsys.readouterr().err


def test_a_wrong_folder_and_an_old_database_are_neither_sound_nor_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["audit", "verify", "--data", str(tmp_path)]) == UNKNOWN
    assert "no_database" in capsys.readouterr().err
    assert not list(tmp_path.iterdir()), "and none was made"
    old = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with old.read():
        pass
    old.close()
    assert main(["audit", "head", "--data", str(tmp_path)]) == UNKNOWN
    assert "no_seals" in capsys.readouterr().err
