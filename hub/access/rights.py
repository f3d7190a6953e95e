"""Which role may do what, and which role may give which: tables, nothing else.

The roles are those of the counties (docs/design/rights.md). Finer things, such as that nobody
checks his own work, are said by the table of an incident's life.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.access.actions import GIVEN_ROLES, Action, Role

OPEN = frozenset({Action.LIVENESS_READ, Action.SCHEMA_READ, Action.PAGES_READ, Action.SESSION_OPEN})
"""Open to who shows nothing."""
UNTIL_CHANGED = OPEN | {Action.SELF_READ, Action.SELF_PASSWORD, Action.SESSION_CLOSE}
"""What is open to someone whose password must be changed first."""
OWN = UNTIL_CHANGED | {Action.SITE_READ}
"""Open to everybody of the house, also while no grant is in force."""

_STAFF = OWN | {
    Action.FEED_READ,
    Action.GRIDS_READ,
    Action.SELF_CHANNELS,
    Action.CLASSES_READ,
    Action.DUTY_READ,
}
_CASES = _STAFF | {
    Action.ALERTS_READ,
    Action.INCIDENTS_READ,
    Action.TASKS_READ,
    Action.WHISTLES_READ,
    Action.SUPERVISIONS_READ,
    Action.EVIDENCE_LOOK,
}
_ERRANDS = frozenset(
    {Action.TASKS_ACCEPT, Action.TASKS_ON_WAY, Action.TASKS_ON_SCENE, Action.TASKS_DONE}
)
_SOURCES = frozenset({Action.CAMERAS_READ, Action.SENSORS_READ, Action.HEALTH_READ})
_WATCH = frozenset(
    {Action.LIVE_WATCH, Action.LIVE_PICTURE, Action.LAYOUTS_READ, Action.LAYOUTS_WRITE}
)
_STAFF_REGISTER = frozenset(
    {Action.ACCOUNTS_READ, Action.GRANTS_READ, Action.GRANTS_GIVE, Action.GRANTS_END}
)
_PUT_OFF = frozenset({Action.INCIDENTS_SUSPEND, Action.INCIDENTS_EXTEND})
_LINK = frozenset({Action.INCIDENTS_MERGE, Action.INCIDENTS_SPLIT})
_DRILL = frozenset({Action.DRILLS_READ, Action.DRILLS_ANSWER})
_FIGURES = frozenset({Action.INDICATORS_READ, Action.INDICATORS_RANK, Action.INDICATORS_EXPORT})

_WORKER = (
    _CASES
    | _ERRANDS
    | _PUT_OFF
    | {Action.INCIDENTS_REPORT, Action.INCIDENTS_RETURN, Action.INDICATORS_READ}
)
_CENTRE = (
    _CASES
    | _ERRANDS
    | _SOURCES
    | {
        Action.METRICS_READ,
        Action.LEDGER_READ,
        Action.ALERTS_ACKNOWLEDGE,
        Action.ALERTS_JUDGE,
        Action.INCIDENTS_REPORT,
        Action.INCIDENTS_RETURN,
    }
)
_DESK = (
    _CASES
    | _SOURCES
    | _WATCH
    | {
        Action.METRICS_READ,
        Action.LEDGER_READ,
        Action.ALERTS_ACKNOWLEDGE,
        Action.ALERTS_JUDGE,
        Action.ALERTS_MERGE,
        Action.CAMERAS_PROBE,
        Action.RULES_READ,
        Action.RULES_TRY,
        Action.MUTES_READ,
        Action.MUTES_CREATE,
        Action.MUTES_END,
        Action.MODELS_READ,
        Action.READINGS_SUBMIT,
    }
)
_OPERATOR = (
    _DESK
    | _LINK
    | _DRILL
    | {
        Action.TUNING_READ,
        Action.INDICATORS_READ,
        Action.INCIDENTS_REPORT,
        Action.INCIDENTS_TRIAGE,
        Action.INCIDENTS_FILE,
        Action.INCIDENTS_VOID,
        Action.INCIDENTS_VERIFY,
        Action.INCIDENTS_RATE,
        Action.CONTACTS_READ,
        Action.WHISTLES_CALL,
    }
)
_DISPATCHER = (
    _CASES
    | _SOURCES
    | _WATCH
    | _LINK
    | _PUT_OFF
    | {
        Action.INCIDENTS_FILE,
        Action.INCIDENTS_DISPATCH,
        Action.INCIDENTS_RETURN,
        Action.INCIDENTS_VOID,
        Action.INCIDENTS_HAND_OVER,
        Action.INCIDENTS_REOPEN,
        Action.WHISTLES_CALL,
        Action.DELIVERIES_READ,
        Action.INDICATORS_READ,
    }
)
_SHIFT_LEADER = (
    _OPERATOR
    | _DISPATCHER
    | _FIGURES
    | {
        Action.INCIDENTS_DECIDE,
        Action.INCIDENTS_ARCHIVE,
        Action.SUPERVISIONS_ANSWER,
        Action.DUTY_WRITE,
        Action.DELIVERIES_RETRY,
        Action.DRILLS_PLAN,
        Action.EXPORTS_READ,
        Action.EXPORTS_ASK,
        Action.EXPORTS_FETCH,
        Action.HOLDS_READ,
        Action.HOLDS_WRITE,
    }
) - {Action.INCIDENTS_RETURN, Action.INCIDENTS_EXTEND, Action.INCIDENTS_VOID}
"""Who says the second word does not ask for it, and who is not sent gives nothing back."""
_CHIEF = (
    _WORKER
    | _SOURCES
    | _WATCH
    | _STAFF_REGISTER
    | {
        Action.INCIDENTS_TRIAGE,
        Action.INCIDENTS_DISPATCH,
        Action.INCIDENTS_HAND_OVER,
        Action.INCIDENTS_VERIFY,
        Action.WHISTLES_CALL,
        Action.SUPERVISIONS_ANSWER,
        Action.DUTY_WRITE,
        Action.INDICATORS_RANK,
    }
    | _DRILL
)
_DEPARTMENT = _STAFF | {
    Action.INCIDENTS_READ,
    Action.INCIDENTS_REPORT,
    Action.TASKS_READ,
    Action.EVIDENCE_LOOK,
    Action.WHISTLES_READ,
    Action.WHISTLES_ANSWER,
    Action.SUPERVISIONS_READ,
    Action.SUPERVISIONS_ANSWER,
    Action.INDICATORS_READ,
}
_SUPERVISOR = (
    _CASES
    | _FIGURES
    | {
        Action.SUPERVISIONS_ANSWER,
        Action.DRILLS_READ,
        Action.INCIDENTS_VERIFY,
        Action.INCIDENTS_DECIDE,
        Action.INCIDENTS_REOPEN,
        Action.INCIDENTS_RATE,
        Action.AUDIT_READ,
    }
)
_ASSESSOR = (
    _STAFF
    | _FIGURES
    | {
        Action.INCIDENTS_READ,
        Action.TASKS_READ,
        Action.WHISTLES_READ,
        Action.SUPERVISIONS_READ,
        Action.DRILLS_READ,
        Action.INCIDENTS_RATE,
        Action.INCIDENTS_ARCHIVE,
    }
)
_CAMERA_ADMIN = (
    _STAFF
    | _SOURCES
    | _STAFF_REGISTER
    | {
        Action.ALERTS_READ,
        Action.CAMERAS_CREATE,
        Action.CAMERAS_UPDATE,
        Action.CAMERAS_DELETE,
        Action.CAMERAS_PROBE,
        Action.CAMERAS_IMPORT,
        Action.CAMERAS_EXPORT,
        Action.SENSORS_CREATE,
        Action.SENSORS_UPDATE,
        Action.SENSORS_DELETE,
        Action.RULES_READ,
        Action.RULES_TRY,
        Action.MODELS_READ,
        Action.LIVE_PICTURE,
        Action.CONSENTS_READ,
        Action.CONSENTS_WRITE,
        Action.CAMERA_FILES_READ,
        Action.CAMERA_FILES_WRITE,
        Action.DRILLS_READ,
        Action.DRILLS_PLAN,
        Action.INDICATORS_READ,
    }
)
_PRIVACY = _STAFF | {
    Action.CAMERAS_READ,
    Action.ACCOUNTS_READ,
    Action.GRANTS_READ,
    Action.CONSENTS_READ,
    Action.LOOKS_READ,
    Action.AUDIT_READ,
    Action.CAMERA_FILES_READ,
    Action.CAMERA_FILES_WRITE,
    Action.EXPORTS_READ,
    Action.EXPORTS_DECIDE,
    Action.HOLDS_READ,
    Action.HOLDS_WRITE,
    Action.RETENTION_READ,
}
_CASEWORK = {
    action
    for action in Action
    if action.startswith(
        ("incidents.", "tasks.", "contacts.", "whistles.", "supervisions.", "exports.")
    )
}
_ADMIN = (frozenset(Action) - _CASEWORK - {Action.CONSENTS_WRITE, Action.HOLDS_WRITE}) | {
    Action.INCIDENTS_READ,
    Action.TASKS_READ,
    Action.WHISTLES_READ,
    Action.SUPERVISIONS_READ,
}
"""The administrator keeps the house and sees its work; cases are for those who answer for them."""

RIGHTS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.ANYONE: OPEN,
        Role.SENSOR: OPEN | {Action.READINGS_SUBMIT},
        Role.CENTRE: _CENTRE,
        Role.WORKER: _WORKER,
        Role.OPERATOR: _OPERATOR,
        Role.DISPATCHER: _DISPATCHER,
        Role.SHIFT_LEADER: _SHIFT_LEADER,
        Role.CHIEF: _CHIEF,
        Role.DEPARTMENT: _DEPARTMENT,
        Role.SUPERVISOR: _SUPERVISOR,
        Role.ASSESSOR: _ASSESSOR,
        Role.CAMERA_ADMIN: _CAMERA_ADMIN,
        Role.PRIVACY: _PRIVACY,
        Role.OWNER: OWN | {Action.CONSENTS_READ, Action.CONSENTS_WRITE},
        Role.ADMIN: _ADMIN,
    }
)

WHOLE_SITE = frozenset(
    {
        Action.HEALTH_READ,
        Action.METRICS_READ,
        Action.LEDGER_READ,
        Action.RULES_CREATE,
        Action.RULES_UPDATE,
        Action.RULES_DELETE,
        Action.GRIDS_IMPORT,
        Action.CAMERAS_IMPORT,
        Action.TOKENS_READ,
        Action.TOKENS_CREATE,
        Action.TOKENS_REVOKE,
        Action.LOOKS_READ,
        Action.AUDIT_READ,
        Action.DUTY_IMPORT,
        Action.RETENTION_READ,
    }
)
"""What belongs to no grid: only a grant on the whole site gives it."""

_NOBODY: frozenset[Role] = frozenset()
MAY_GIVE: Mapping[Role, frozenset[Role]] = MappingProxyType(
    dict.fromkeys(Role, _NOBODY)
    | {
        Role.ADMIN: frozenset(GIVEN_ROLES),
        Role.CHIEF: frozenset({Role.WORKER}),
        Role.CAMERA_ADMIN: frozenset({Role.OWNER}),
    }
)
"""Who may give which role, on the ground where the giver holds `grants.give`."""
