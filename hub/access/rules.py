"""The one place that decides who may: a table of role against action."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.access.actions import Action, Role, Subject
from hub.kit.errors import Forbidden

_OPEN = frozenset(
    {Action.LIVENESS_READ, Action.SCHEMA_READ, Action.PAGES_READ, Action.SESSION_OPEN}
)
_OWN = _OPEN | {Action.SELF_READ, Action.SELF_PASSWORD, Action.SESSION_CLOSE, Action.SITE_READ}
_WORKER = _OWN | {
    Action.FEED_READ,
    Action.GRIDS_READ,
    Action.ALERTS_READ,
    Action.INCIDENTS_READ,
    Action.TASKS_READ,
    Action.TASKS_ACCEPT,
    Action.TASKS_ON_WAY,
    Action.TASKS_ON_SCENE,
    Action.TASKS_DONE,
    Action.EVIDENCE_LOOK,
}
_CENTRE = _WORKER | {
    Action.HEALTH_READ,
    Action.METRICS_READ,
    Action.LEDGER_READ,
    Action.CAMERAS_READ,
    Action.SENSORS_READ,
    Action.ALERTS_ACKNOWLEDGE,
    Action.ALERTS_JUDGE,
}
_OPERATOR = _CENTRE | {
    Action.CAMERAS_PROBE,
    Action.RULES_READ,
    Action.RULES_TRY,
    Action.MUTES_READ,
    Action.MUTES_CREATE,
    Action.MUTES_END,
    Action.MODELS_READ,
    Action.READINGS_SUBMIT,
    Action.ALERTS_MERGE,
    Action.LIVE_WATCH,
    Action.LIVE_PICTURE,
    Action.LAYOUTS_READ,
    Action.LAYOUTS_WRITE,
}

RIGHTS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.ANYONE: _OPEN,
        Role.SENSOR: _OPEN | {Action.READINGS_SUBMIT},
        Role.WORKER: _WORKER,
        Role.CENTRE: _CENTRE,
        Role.OPERATOR: _OPERATOR,
        Role.ADMIN: frozenset(Action),
    }
)


UNTIL_CHANGED = _OPEN | {Action.SELF_READ, Action.SELF_PASSWORD, Action.SESSION_CLOSE}
"""What is open to someone whose password must be changed first."""


def rights_of(subject: Subject) -> frozenset[Action]:
    """Everything the subject may do now."""
    rights = RIGHTS[subject.role]
    return rights & UNTIL_CHANGED if subject.must_change else rights


def may(action: Action, subject: Subject) -> bool:
    """Whether the subject may do this now."""
    return action in rights_of(subject)


def allow(action: Action, subject: Subject) -> None:
    """Return if the subject may.

    Raises Forbidden: `unauthenticated` for who shows nothing, `must_change` for who has to change
    the password first, else `forbidden`.
    """
    if may(action, subject):
        return
    if subject.role is Role.ANYONE:
        raise Forbidden("a token or a login is wanted here", code="unauthenticated")
    if action in RIGHTS[subject.role]:
        raise Forbidden("the password has to be changed first", code="must_change")
    raise Forbidden(f"the role {subject.role} may not {action}", code="forbidden")
