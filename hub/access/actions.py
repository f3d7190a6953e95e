"""The closed list of things that can be done, and those who do them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """One per thing that can be done; a route or a pushed event without one is refused."""

    LIVENESS_READ = "liveness.read"
    SCHEMA_READ = "schema.read"
    PAGES_READ = "pages.read"
    SESSION_OPEN = "session.open"
    SESSION_CLOSE = "session.close"
    SELF_READ = "self.read"
    SELF_PASSWORD = "self.password"  # noqa: S105 - the name of a right, not a password
    SITE_READ = "site.read"
    HEALTH_READ = "health.read"
    METRICS_READ = "metrics.read"
    LEDGER_READ = "ledger.read"
    FEED_READ = "feed.read"
    CAMERAS_READ = "cameras.read"
    CAMERAS_CREATE = "cameras.create"
    CAMERAS_UPDATE = "cameras.update"
    CAMERAS_DELETE = "cameras.delete"
    CAMERAS_PROBE = "cameras.probe"
    CAMERAS_IMPORT = "cameras.import"
    CAMERAS_EXPORT = "cameras.export"
    SENSORS_READ = "sensors.read"
    SENSORS_CREATE = "sensors.create"
    SENSORS_UPDATE = "sensors.update"
    SENSORS_DELETE = "sensors.delete"
    READINGS_SUBMIT = "readings.submit"
    GRIDS_READ = "grids.read"
    GRIDS_IMPORT = "grids.import"
    RULES_READ = "rules.read"
    RULES_CREATE = "rules.create"
    RULES_UPDATE = "rules.update"
    RULES_DELETE = "rules.delete"
    RULES_TRY = "rules.try"
    ALERTS_READ = "alerts.read"
    ALERTS_ACKNOWLEDGE = "alerts.acknowledge"
    ALERTS_JUDGE = "alerts.judge"
    ALERTS_MERGE = "alerts.merge"
    MUTES_READ = "mutes.read"
    MUTES_CREATE = "mutes.create"
    MUTES_END = "mutes.end"
    INCIDENTS_READ = "incidents.read"
    TASKS_READ = "tasks.read"
    TASKS_ACCEPT = "tasks.accept"
    TASKS_ON_WAY = "tasks.on_way"
    TASKS_ON_SCENE = "tasks.on_scene"
    TASKS_DONE = "tasks.done"
    EVIDENCE_LOOK = "evidence.look"
    MODELS_READ = "models.read"
    LOOKS_READ = "looks.read"
    TOKENS_READ = "tokens.read"
    TOKENS_CREATE = "tokens.create"
    TOKENS_REVOKE = "tokens.revoke"
    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_CREATE = "accounts.create"
    ACCOUNTS_UPDATE = "accounts.update"
    LAYOUTS_READ = "layouts.read"
    LAYOUTS_WRITE = "layouts.write"
    LIVE_WATCH = "live.watch"
    LIVE_PICTURE = "live.picture"


class Role(StrEnum):
    """Who someone is to the hub. `sensor` and `anyone` are never given to a token of the table."""

    ADMIN = "admin"
    OPERATOR = "operator"
    WORKER = "worker"
    CENTRE = "centre"
    SENSOR = "sensor"
    ANYONE = "anyone"


GIVEN_ROLES = (Role.ADMIN, Role.OPERATOR, Role.WORKER, Role.CENTRE)
"""Roles a token can carry."""

ACCOUNT_ROLES = (Role.ADMIN, Role.OPERATOR, Role.WORKER)
"""Roles an account can have: the three kinds of people."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever asks: the name on the token or account (for logs and the register) and the role.

    `account` is the id of a person's account, None for a token. With `must_change` set nothing
    is open before the password is changed.
    """

    name: str
    role: Role
    account: str | None = None
    must_change: bool = False


ANYONE = Subject("anyone", Role.ANYONE)
"""Who shows neither token nor session."""
