"""Names are given once: the one place that gives them, to accounts and to tokens.

Every register and every rule of the second person knows people by their names. So a name that was
somebody's is never another's, and it is not changed once anything is written under it.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.access import repository
from hub.kit.errors import Conflict, Refused
from hub.store.names import key_of, standing

OURS = frozenset({"hub", "anyone", "erased"})
"""What registers say of the hub itself, of who shows nothing, and of who is forgotten."""
PREFIXES = ("ref:", "erased:", "sensor ")
"""How registers begin what stands for an erased name, and for a sensor."""


def checked(name: str) -> str:
    """A name as it is stored. Raises Refused (`bad_name`) for none, and for a word of the hub's."""
    clean = " ".join(name.split())
    read = clean.casefold()
    if not clean or "\x00" in clean or read in OURS or read.startswith(PREFIXES):
        raise Refused("this cannot be a name", code="bad_name")
    return clean


def give_account(tx: Connection, name: str, account_id: str, now: float) -> None:
    """Keep a name for an account, for good. Raises Conflict (`name_taken`)."""
    key = key_of(name)
    if repository.insert_name(tx, key, account_id=account_id, token_id=None, now=now):
        return
    if repository.name_row(tx, key).account_id != account_id:
        raise _taken()


def give_token(tx: Connection, name: str, token_id: str, now: float) -> None:
    """Keep a name for a token. Raises Conflict (`name_taken`).

    A program is its name: its next token may have the name of one that was revoked. A person's
    name no token ever has.
    """
    key = key_of(name)
    if repository.insert_name(tx, key, account_id=None, token_id=token_id, now=now):
        return
    before = repository.name_row(tx, key)
    if before.token_id is None or repository.is_token_live(tx, before.token_id):
        raise _taken()
    repository.pass_name(tx, key, token_id, now)


def taken(tx: Connection, wanted: Collection[str]) -> set[str]:
    """Those of these names that are somebody's, or were."""
    by_key = {key_of(name): name for name in wanted}
    return {by_key[key] for key in repository.names_kept(tx, by_key)}


def written(tx: Connection, wanted: Collection[str]) -> set[str]:
    """Those of these names under which something is written: they stay with who has them."""
    return standing(tx, wanted)


def refuse_written(tx: Connection, name: str) -> None:
    """Raises Conflict (`name_stands`) for such a name."""
    if written(tx, [name]):
        raise Conflict(
            "registers and cases know this person by the name: it stays as it is",
            code="name_stands",
        )


def _taken() -> Conflict:
    return Conflict(
        "another account or token has this name, or had it; add something that tells the two apart",
        code="name_taken",
    )
