"""Registered things with two owners, files and the API: one mechanism for all of them.

The table is the one truth at run time. Entries of a file are upserted as `managed_by: file` and
are read-only for the API; one removed from the file is disabled, not deleted, and from then on
the API may change or delete it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    true,
    update,
)

from hub.kit.errors import Conflict, Misconfigured, NotFound
from hub.store import settings
from hub.store.secrets import SecretBox

Json = dict[str, Any]
Among = Select[Any] | None
"""A query of the ids that whoever asks may know of; None: of all."""
FILE, API = "file", "api"


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered thing. `secret` is ciphertext, `origin` the file that names it, if any."""

    id: str
    spec: Json
    secret: str | None
    managed_by: str
    origin: str | None
    enabled: bool
    version: int
    updated_at: float


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written. `secret` is plain text: None keeps the present one, "" removes it.

    `version` is that of the entry it replaces, None for a new one.
    """

    id: str
    spec: Json
    secret: str | None
    enabled: bool
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What `sync_file` did, by id. `conflicts` are entries of the API that the file names too."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.disabled)


class Managed:
    """The entries of one table. `noun` stands in messages and names the revision counter.

    `box` is needed where entries have a secret: secrets are handed in as plain text and stand in
    the table as ciphertext.
    """

    def __init__(self, table: Table, noun: str, box: SecretBox | None = None) -> None:
        self._table = table
        self._noun = noun
        self._box = box
        self._has_secret = "secret" in table.c

    def sync_file(
        self,
        tx: Connection,
        entries: Mapping[str, Json],
        origin: str,
        now: float,
        secrets: Mapping[str, str] | None = None,
    ) -> Changes:
        """Make the file-managed entries equal to `entries` (id → spec as JSON, secrets taken out).

        `origin` names the file. All file-managed entries that it does not name are disabled,
        whichever file they came from. An entry's own `enabled: false` is kept as such.
        """
        known = {entry.id: entry for entry in self.list(tx)}
        found: dict[str, list[str]] = {}
        for id_, spec in entries.items():
            secret = (secrets or {}).get(id_)
            verdict = self._sync_one(tx, known.get(id_), id_, spec, secret, origin, now)
            found.setdefault(verdict, []).append(id_)
        for entry in known.values():
            if entry.managed_by == FILE and entry.origin is not None and entry.id not in entries:
                self._write(tx, entry, now, enabled=False, origin=None)
                found.setdefault("disabled", []).append(entry.id)
        changes = Changes(**{verdict: tuple(ids) for verdict, ids in found.items()})
        if changes:
            self._count(tx)
        return changes

    def _sync_one(
        self,
        tx: Connection,
        entry: Entry | None,
        id_: str,
        spec: Json,
        secret: str | None,
        origin: str,
        now: float,
    ) -> str:
        enabled = bool(spec.get("enabled", True))
        if entry is None:
            self._insert(tx, id_, spec, secret, enabled, FILE, origin, now)
            return "added"
        if entry.managed_by == API:
            return "conflicts"
        same_secret = self.reveal(entry) == secret
        if (entry.spec, entry.enabled, entry.origin) == (spec, enabled, origin) and same_secret:
            return "unchanged"
        ciphertext = entry.secret if same_secret else self._seal(secret)
        self._write(tx, entry, now, spec=spec, enabled=enabled, origin=origin, secret=ciphertext)
        return "updated"

    def create(
        self,
        tx: Connection,
        id_: str,
        spec: Json,
        now: float,
        *,
        secret: str | None = None,
        enabled: bool = True,
    ) -> Entry:
        """Add an entry of the API. Raises Conflict (`exists`, or `managed_by_file`)."""
        known = self.find(tx, id_)
        if known is not None:
            self._refuse_file(known)
            raise Conflict(f"{self._noun} {id_} exists already", code="exists")
        self._insert(tx, id_, spec, secret, enabled, API, None, now)
        self._count(tx)
        return self.get(tx, id_)

    def update(
        self,
        tx: Connection,
        id_: str,
        spec: Json,
        now: float,
        *,
        secret: str | None = None,
        enabled: bool | None = None,
        version: int | None = None,
    ) -> Entry:
        """Replace an entry's spec. `secret` None keeps the present one, "" removes it.

        Raises NotFound, Conflict (`managed_by_file`, or `version` when `version` is not the
        entry's present one).
        """
        entry = self.get(tx, id_)
        self._refuse_file(entry)
        if version is not None and version != entry.version:
            raise Conflict(
                f"{self._noun} {id_} is at version {entry.version}, not {version}", code="version"
            )
        ciphertext = entry.secret if secret is None else self._seal(secret)
        wanted = entry.enabled if enabled is None else enabled
        self._write(
            tx,
            entry,
            now,
            spec=spec,
            secret=ciphertext,
            enabled=wanted,
            managed_by=API,
            origin=None,
        )
        self._count(tx)
        return self.get(tx, id_)

    def put_all(self, tx: Connection, drafts: Sequence[Draft], now: float) -> None:
        """Add and replace many entries of the API, with as many statements as for one.

        Raises Conflict (`exists`, `version`, `managed_by_file`) when one of them is not as its
        draft supposes, and nothing is written then.
        """
        known = {entry.id: entry for entry in self.list(tx)}
        for draft in drafts:
            self._expect(known.get(draft.id), draft)
        new = [self._row(draft, None, now) for draft in drafts if draft.version is None]
        if new:
            tx.execute(insert(self._table), new)
        changed = [
            {"entry": draft.id, **self._row(draft, known[draft.id], now)}
            for draft in drafts
            if draft.version is not None
        ]
        if changed:
            tx.execute(update(self._table).where(self._table.c.id == bindparam("entry")), changed)
        if drafts:
            self._count(tx)

    def _expect(self, entry: Entry | None, draft: Draft) -> None:
        if entry is not None:
            self._refuse_file(entry)
        if draft.version != (None if entry is None else entry.version):
            code = "exists" if draft.version is None else "version"
            raise Conflict(f"{self._noun} {draft.id} was changed in the meantime", code=code)

    def _row(self, draft: Draft, before: Entry | None, now: float) -> Json:
        row: Json = {"id": draft.id, "spec": draft.spec, "managed_by": API, "origin": None}
        version = 1 if before is None else before.version + 1
        row |= {"enabled": draft.enabled, "version": version, "updated_at": now}
        if self._has_secret:
            if before is not None and draft.secret is None:
                row["secret"] = before.secret
            else:
                row["secret"] = self._seal(draft.secret)
        return row

    def delete(self, tx: Connection, id_: str) -> None:
        """Remove an entry of the API. Raises NotFound, Conflict (`managed_by_file`)."""
        self._refuse_file(self.get(tx, id_))
        tx.execute(delete(self._table).where(self._table.c.id == id_))
        self._count(tx)

    def find(self, tx: Connection, id_: str, among: Among = None) -> Entry | None:
        """The entry, or None."""
        wanted = select(self._table).where(self._table.c.id == id_, self._among(among))
        row = tx.execute(wanted).one_or_none()
        return None if row is None else self._entry(row)

    def known(self, tx: Connection, ids: Collection[str], among: Among = None) -> set[str]:
        """Which of the ids are there."""
        here = self._table.c.id
        wanted = select(here).where(here.in_(ids), self._among(among))
        return set(tx.execute(wanted).scalars())

    def get(self, tx: Connection, id_: str, among: Among = None) -> Entry:
        """The entry. Raises NotFound."""
        entry = self.find(tx, id_, among)
        if entry is None:
            raise NotFound(f"there is no {self._noun} {id_}")
        return entry

    def list(
        self,
        tx: Connection,
        *,
        enabled: bool | None = None,
        text: str = "",
        after_id: str = "",
        limit: int | None = None,
        among: Among = None,
    ) -> list[Entry]:
        """Entries by id, above `after_id`; `text` is looked for in id, name and owner."""
        table = self._table
        wanted = select(table).where(table.c.id > after_id, self._among(among))
        wanted = wanted.order_by(table.c.id).limit(limit)
        if enabled is not None:
            wanted = wanted.where(table.c.enabled.is_(enabled))
        if text:
            fields = (table.c.id, *(table.c.spec[key].as_string() for key in ("name", "owner")))
            wanted = wanted.where(or_(*(f.icontains(text, autoescape=True) for f in fields)))
        return [self._entry(row) for row in tx.execute(wanted)]

    def fields(
        self, tx: Connection, keys: Sequence[str], ids: Collection[str] | Among = None
    ) -> dict[str, tuple[str, ...]]:
        """These texts of each spec by id, of all entries or of some: the rest is not read."""
        table = self._table
        wanted = select(table.c.id, *(table.c.spec[key].as_string() for key in keys))
        if ids is not None:
            wanted = wanted.where(table.c.id.in_(ids))
        wanted = wanted.order_by(table.c.id)
        return {row[0]: tuple(row[1:]) for row in tx.execute(wanted)}

    def revision(self, tx: Connection) -> int:
        """A number that grows with every change of any entry: one cheap look tells "changed"."""
        return int(settings.read(tx, self._revision_key, 0))

    def reveal(self, entry: Entry) -> str | None:
        """The entry's secret as plain text. Raises Misconfigured when the key does not fit."""
        return None if entry.secret is None else self._need_box().decrypt(entry.secret)

    def _among(self, ids: Among) -> ColumnElement[bool]:
        return true() if ids is None else self._table.c.id.in_(ids)

    @property
    def _revision_key(self) -> str:
        return f"revision:{self._noun}"

    def _count(self, tx: Connection) -> None:
        settings.count_up(tx, self._revision_key)

    def _refuse_file(self, entry: Entry) -> None:
        if entry.managed_by == FILE and entry.origin is not None:
            raise Conflict(
                f"{self._noun} {entry.id} stands in {entry.origin}; change it there",
                code="managed_by_file",
            )

    def _insert(
        self,
        tx: Connection,
        id_: str,
        spec: Json,
        secret: str | None,
        enabled: bool,
        managed_by: str,
        origin: str | None,
        now: float,
    ) -> None:
        row: Json = {"id": id_, "spec": spec, "managed_by": managed_by, "origin": origin}
        row |= {"enabled": enabled, "version": 1, "updated_at": now}
        ciphertext = self._seal(secret)
        if self._has_secret:
            row["secret"] = ciphertext
        tx.execute(insert(self._table).values(row))

    def _write(self, tx: Connection, entry: Entry, now: float, **values: Any) -> None:
        if not self._has_secret:
            values.pop("secret", None)
        values |= {"version": entry.version + 1, "updated_at": now}
        tx.execute(update(self._table).where(self._table.c.id == entry.id).values(values))

    def _seal(self, secret: str | None) -> str | None:
        return self._need_box().encrypt(secret) if secret else None

    def _need_box(self) -> SecretBox:
        if self._box is None or not self._has_secret:
            raise Misconfigured(f"a {self._noun} keeps no secret", code="no_secret_box")
        return self._box

    def _entry(self, row: Row[Any]) -> Entry:
        secret = row.secret if self._has_secret else None
        return Entry(
            row.id,
            row.spec,
            secret,
            row.managed_by,
            row.origin,
            row.enabled,
            row.version,
            row.updated_at,
        )
