"""What is told of retention."""

from __future__ import annotations

from hub.api.schemas import Answer, Moment


class RetentionClassOut(Answer):
    """One class of what is kept: for `days`, so nothing older than `kept_since` counts by now.

    `deleted` of it were deleted or erased ever, the last at `deleted_at`. `files`: it has files on
    the disk. `erased`: rows stay and lose a name.
    """

    name: str
    days: float
    kept_since: Moment
    files: bool
    erased: bool
    deleted: int
    deleted_at: Moment | None


class DeletionOut(Answer):
    """A row of the ledger: `total` things whose time began between `first_at` and `last_at`.

    `digest`: SHA-256 over their sorted ids. `sealed_words`: what the sealed log says of it.
    """

    id: str
    kind: str
    at: Moment
    total: int
    first_at: Moment | None
    last_at: Moment | None
    digest: str
    sealed_words: str


class RetentionOut(Answer):
    """All classes, and the newest rows of the ledger."""

    classes: tuple[RetentionClassOut, ...]
    deletions: tuple[DeletionOut, ...]
