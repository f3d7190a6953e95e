"""The one place that decides who may: role against action, and on which ground.

The table of roles stands in `rights.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.access.actions import Action, Role, Subject
from hub.access.grants import Grant
from hub.access.rights import MAY_GIVE as MAY_GIVE
from hub.access.rights import OWN, UNTIL_CHANGED, WHOLE_SITE
from hub.access.rights import RIGHTS as RIGHTS
from hub.kit.errors import Forbidden, NotFound
from hub.types.staff import NOWHERE, Jurisdiction


def rights_of(subject: Subject) -> frozenset[Action]:
    """Everything the subject may do now, somewhere."""
    rights = _granted(subject)
    return rights & UNTIL_CHANGED if subject.must_change else rights


def may(action: Action, subject: Subject) -> bool:
    """Whether the subject may do this now, somewhere: `rights_of` without all the others.

    It is asked for each event of each reader of the feed.
    """
    if subject.must_change and action not in UNTIL_CHANGED:
        return False
    if not subject.grants:
        return action in OWN
    return bool(_holding(action, subject))


def allow(action: Action, subject: Subject) -> None:
    """Return if the subject may, somewhere.

    Raises Forbidden: `unauthenticated` for who shows nothing, `must_change` for who has to change
    the password first, else `forbidden`.
    """
    if may(action, subject):
        return
    if Role.ANYONE in subject.roles:
        raise Forbidden("a token or a login is wanted here", code="unauthenticated")
    if action in _granted(subject):
        raise Forbidden("the password has to be changed first", code="must_change")
    roles = ", ".join(sorted(subject.roles)) or "none that counts now"
    raise Forbidden(f"the role {roles} may not {action}", code="forbidden")


def jurisdiction(action: Action, subject: Subject) -> Jurisdiction:
    """The ground on which the subject may do this now.

    What is asked of a unit (`units`) is not in it.
    """
    if not may(action, subject):
        return NOWHERE
    return _ground(g for g in _holding(action, subject) if g.unit is None)


def units(action: Action, subject: Subject) -> dict[str, Jurisdiction]:
    """For which departments or owners the subject may do this now, and on which ground."""
    if not may(action, subject):
        return {}
    held = [g for g in _holding(action, subject) if g.unit is not None]
    return {u: _ground(g for g in held if g.unit == u) for u in {g.unit or "" for g in held}}


def roles_at(subject: Subject, path: Iterable[str]) -> frozenset[Role]:
    """In which roles somebody acts at a place; a right elsewhere does not count here."""
    codes = tuple(path)
    return frozenset(g.role for g in subject.grants if g.grid is None or g.grid in codes)


def covers(action: Action, subject: Subject, path: Iterable[str], unit: str | None = None) -> bool:
    """Whether the subject may do this to a thing at `path` (() = unbound) that is `unit`'s."""
    codes = tuple(path)
    if jurisdiction(action, subject).covers(codes):
        return True
    return unit is not None and units(action, subject).get(unit, NOWHERE).covers(codes)


def allow_at(
    action: Action,
    subject: Subject,
    path: Iterable[str],
    missing: str = "there is no such thing",
    unit: str | None = None,
) -> None:
    """Return if the subject may do this at that place.

    Raises Forbidden as `allow` does, and NotFound where it lies outside the subject's ground;
    `missing` are the words for what does not exist.
    """
    allow(action, subject)
    if not covers(action, subject, path, unit):
        raise NotFound(missing)


def may_give(subject: Subject, given: Grant, path: Iterable[str], action: Action) -> bool:
    """Whether the subject may give this grant, whose grid lies at `path`, or end it (`action`).

    Who has a right for a time gives it for no longer, but may end what is for good.
    """
    codes = tuple(path) if given.grid is not None else ()
    held = (
        g
        for g in _holding(action, subject)
        if given.role in MAY_GIVE[g.role] and (action is Action.GRANTS_END or g.outlasts(given))
    )
    return may(action, subject) and _ground(held).covers(codes)


def _granted(subject: Subject) -> frozenset[Action]:
    """Rights of the grants in force; with none, what everybody of the house may."""
    if not subject.grants:
        return OWN
    return frozenset(a for g in subject.grants for a in RIGHTS[g.role] if _counts(g, a))


def _holding(action: Action, subject: Subject) -> list[Grant]:
    return [g for g in subject.grants if action in RIGHTS[g.role] and _counts(g, action)]


def _counts(grant: Grant, action: Action) -> bool:
    """What is of the whole site is not done from one town."""
    return grant.grid is None or action not in WHOLE_SITE


def _ground(grants: Iterable[Grant]) -> Jurisdiction:
    grids = {grant.grid for grant in grants}
    return Jurisdiction(None in grids, frozenset(code for code in grids if code is not None))
