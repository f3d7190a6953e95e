"""What stands for people in the chain, and how they are erased without breaking it.

    reference of a name = "ref:" ‖ SHA-256(canonical JSON [salt, name]),
                          the salt: 32 random bytes of this name's own, in hex

A log's rows show names; what is hashed holds the reference. To erase somebody, the rows come to
show the reference itself and the salt is thrown away: what is hashed stays as it was, and nobody
can find the name again by trying names. That it was done stands in the log, and `verify` asks for
it: a row that shows a reference without that line was changed. Rows of one person keep one
reference, so that "checked by somebody else" can still be proved.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from hub.store.audit.chain import canonical
from hub.store.audit.logs import LOGS, Log
from hub.store.tables.alerts import transitions
from hub.store.tables.audit import person_salts

SEAL_LOCK = 0x68756202  # beside feed.FEED_LOCK in PostgreSQL's one space of advisory locks
ERASURE = "erasure"
"""What the log calls the erasing of a reference."""
_SALT_BYTES = 32


def alone(tx: Connection) -> None:
    """Until the end of the transaction nobody else seals or erases."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(SEAL_LOCK)))


def known(tx: Connection, shown: Collection[str]) -> dict[str, str]:
    """References of what rows show: of names, and those that stand there since an erasure."""
    names = {_key(name): name for name in shown}
    salts = select(person_salts.c.key, person_salts.c.salt).where(person_salts.c.key.in_(names))
    found = {names[row.key]: _reference(row.salt, names[row.key]) for row in tx.execute(salts)}
    rest = set(shown) - found.keys()
    return found | {reference: reference for reference in _erased(tx, rest)}


def given(tx: Connection, shown: Collection[str]) -> dict[str, str]:
    """The same; names that have none are given a salt, and with it their reference."""
    found = known(tx, shown)
    new = {name: secrets.token_hex(_SALT_BYTES) for name in sorted(set(shown) - found.keys())}
    if new:
        rows = [{"key": _key(name), "salt": salt} for name, salt in new.items()]
        tx.execute(insert(person_salts), rows)
    return found | {name: _reference(salt, name) for name, salt in new.items()}


def erase_person(tx: Connection, name: str, *, by: str, reason: str, now: float) -> int:
    """Take a name, and the devices of its rows, out of the logs; how many rows showed it.

    The log keeps a line with the reference: erased by whom, and why. What is written about the
    name later shows it again, so its account is closed first. Other tables are not touched.
    """
    alone(tx)
    if not _is_shown(tx, name):
        return 0
    references = given(tx, {name} | {shown for log in LOGS for shown in _beside(tx, log, name)})
    rows = sum(_replace(tx, log, name, references) for log in LOGS)
    gone = [_key(shown) for shown in references if not _is_shown(tx, shown)]
    tx.execute(delete(person_salts).where(person_salts.c.key.in_(gone)))
    _note(tx, sorted(references.values()), by, reason, now)
    return rows


def erase_rows(tx: Connection, log: Log, seqs: Sequence[int], *, by: str, now: float) -> None:
    """Put references in the place of names in these rows, grown old; `by` is no person's name.

    A salt stays as long as other rows show its name. The log keeps a line for each reference, as
    when somebody is erased.
    """
    alone(tx)
    of = log.table.c.seq.in_(seqs)
    rows = tx.execute(select(*log.people).where(of))
    names = {shown for row in rows for shown in row if shown and not _is_reference(shown)}
    names.discard(by)
    references = given(tx, names)
    for shown, reference in sorted(references.items()):
        for column in log.people:
            tx.execute(update(log.table).where(of, column == shown).values({column: reference}))
    gone = [_key(shown) for shown in references if not _is_shown(tx, shown)]
    tx.execute(delete(person_salts).where(person_salts.c.key.in_(gone)))
    _note(tx, sorted(references.values()), by, "retention", now)


def shown_in(log: Log, by: str) -> ColumnElement[bool]:
    """Whether a row of the log shows a name other than this one."""
    return or_(*(and_(column.not_like("ref:%"), column != by) for column in log.people))


def _is_reference(shown: str) -> bool:
    return shown.startswith("ref:")


def _beside(tx: Connection, log: Log, name: str) -> set[str]:
    """What else of theirs the rows of that name show."""
    rows = tx.execute(select(*log.people).where(_of(log, name)).distinct())
    return {shown for row in rows for shown in row if shown and shown != name}


def _replace(tx: Connection, log: Log, name: str, references: Mapping[str, str]) -> int:
    mine = _of(log, name)
    rows = tx.execute(select(func.count()).select_from(log.table).where(mine)).scalar_one()
    # The name last: by it the rows are found.
    for shown in sorted(references, key=lambda shown: shown == name):
        for column in log.people:
            change = update(log.table).where(mine, column == shown)
            tx.execute(change.values({column: references[shown]}))
    return int(rows)


def _note(tx: Connection, references: list[str], by: str, reason: str, now: float) -> None:
    # A device of several people was erased before, with the first of them.
    before = _erased(tx, references)
    lines = [
        {
            "entity": ERASURE,
            "entity_id": reference,
            "version": 1,
            "at": now,
            "what": "erase",
            "from_state": "named",
            "to_state": "erased",
            "reason": reason,
            "actor": by,
            "device": None,
        }
        for reference in references
        if reference not in before
    ]
    if lines:
        tx.execute(insert(transitions), lines)


def _erased(tx: Connection, references: Collection[str]) -> set[str]:
    """Which of them the log says were erased."""
    if not references:
        return set()
    log = transitions.c
    query = select(log.entity_id).where(log.entity == ERASURE, log.entity_id.in_(references))
    return set(tx.execute(query).scalars())


def _of(log: Log, name: str) -> ColumnElement[bool]:
    return or_(*(column == name for column in log.people))


def _is_shown(tx: Connection, shown: str) -> bool:
    return any(
        tx.execute(select(log.table.c.seq).where(_of(log, shown)).limit(1)).first() for log in LOGS
    )


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _reference(salt: str, name: str) -> str:
    return "ref:" + hashlib.sha256(canonical([salt, name])).hexdigest()
