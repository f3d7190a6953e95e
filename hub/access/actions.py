"""The closed list of things that can be done, and those who do them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.access.grants import Grant
from hub.types.staff import Role as Role


class Action(StrEnum):
    """One per thing that can be done; a route or a pushed event without one is refused."""

    LIVENESS_READ = "liveness.read"
    SCHEMA_READ = "schema.read"
    PAGES_READ = "pages.read"
    SESSION_OPEN = "session.open"
    SESSION_CLOSE = "session.close"
    SELF_READ = "self.read"
    SELF_PASSWORD = "self.password"  # noqa: S105 - the name of a right, not a password
    SELF_CHANNELS = "self.channels"
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
    INCIDENTS_REPORT = "incidents.report"
    INCIDENTS_TRIAGE = "incidents.triage"
    INCIDENTS_FILE = "incidents.file"
    INCIDENTS_DISPATCH = "incidents.dispatch"
    INCIDENTS_RETURN = "incidents.return"
    INCIDENTS_SUSPEND = "incidents.suspend"
    INCIDENTS_VOID = "incidents.void"
    INCIDENTS_EXTEND = "incidents.extend"
    INCIDENTS_DECIDE = "incidents.decide"
    INCIDENTS_VERIFY = "incidents.verify"
    INCIDENTS_REOPEN = "incidents.reopen"
    INCIDENTS_MERGE = "incidents.merge"
    INCIDENTS_SPLIT = "incidents.split"
    INCIDENTS_HAND_OVER = "incidents.hand_over"
    INCIDENTS_RATE = "incidents.rate"
    INCIDENTS_ARCHIVE = "incidents.archive"
    CONTACTS_READ = "contacts.read"
    CLASSES_READ = "classes.read"
    WHISTLES_READ = "whistles.read"
    WHISTLES_CALL = "whistles.call"
    WHISTLES_ANSWER = "whistles.answer"
    SUPERVISIONS_READ = "supervisions.read"
    SUPERVISIONS_ANSWER = "supervisions.answer"
    DUTY_READ = "duty.read"
    DUTY_WRITE = "duty.write"
    DUTY_IMPORT = "duty.import"
    DELIVERIES_READ = "deliveries.read"
    DELIVERIES_RETRY = "deliveries.retry"
    TUNING_READ = "tuning.read"
    INDICATORS_READ = "indicators.read"
    INDICATORS_RANK = "indicators.rank"
    INDICATORS_EXPORT = "indicators.export"
    DRILLS_READ = "drills.read"
    DRILLS_PLAN = "drills.plan"
    DRILLS_ANSWER = "drills.answer"
    TASKS_READ = "tasks.read"
    TASKS_ACCEPT = "tasks.accept"
    TASKS_ON_WAY = "tasks.on_way"
    TASKS_ON_SCENE = "tasks.on_scene"
    TASKS_DONE = "tasks.done"
    EVIDENCE_LOOK = "evidence.look"
    EXPORTS_READ = "exports.read"
    EXPORTS_ASK = "exports.ask"
    EXPORTS_DECIDE = "exports.decide"
    EXPORTS_FETCH = "exports.fetch"
    HOLDS_READ = "holds.read"
    HOLDS_WRITE = "holds.write"
    RETENTION_READ = "retention.read"
    CAMERA_FILES_READ = "camera_files.read"
    CAMERA_FILES_WRITE = "camera_files.write"
    MODELS_READ = "models.read"
    LOOKS_READ = "looks.read"
    TOKENS_READ = "tokens.read"
    TOKENS_CREATE = "tokens.create"
    TOKENS_REVOKE = "tokens.revoke"
    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_CREATE = "accounts.create"
    ACCOUNTS_UPDATE = "accounts.update"
    GRANTS_READ = "grants.read"
    GRANTS_GIVE = "grants.give"
    GRANTS_END = "grants.end"
    CONSENTS_READ = "consents.read"
    CONSENTS_WRITE = "consents.write"
    AUDIT_READ = "audit.read"
    LAYOUTS_READ = "layouts.read"
    LAYOUTS_WRITE = "layouts.write"
    LIVE_WATCH = "live.watch"
    LIVE_PICTURE = "live.picture"


GIVEN_ROLES = tuple(role for role in Role if role not in (Role.SENSOR, Role.ANYONE))
"""Roles a token can carry."""

ACCOUNT_ROLES = tuple(role for role in GIVEN_ROLES if role is not Role.CENTRE)
"""Roles an account can have: those of people."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever asks: the name on the token or account (for logs and the register) and the grants.

    `grants` are those in force at the moment of asking, and may be none. `account` is the id of a
    person's account, `token` that of a token of the table. With `must_change` set nothing is open
    before the password is changed.
    """

    name: str
    grants: tuple[Grant, ...]
    account: str | None = None
    must_change: bool = False
    token: str | None = None

    @classmethod
    def of(
        cls,
        name: str,
        *roles: Role,
        grid: str | None = None,
        unit: str | None = None,
        account: str | None = None,
        must_change: bool = False,
    ) -> Subject:
        """Somebody with these roles, on the whole site or on one grid, always."""
        held = tuple(Grant(role, grid, unit) for role in roles)
        return cls(name, held, account, must_change)

    @property
    def roles(self) -> frozenset[Role]:
        """In which roles one acts now."""
        return frozenset(grant.role for grant in self.grants)


ANYONE = Subject.of("anyone", Role.ANYONE)
"""Who shows neither token nor session."""
