"""The whole county: ground, cameras, staff, and a year of alerts and incidents; deterministic."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import Connection

from hub.alerts.rows import to_alert
from hub.app.seed import beside, ground, registers, repository
from hub.app.seed.alarms import ALERTS, Alarm, Spot, alarms
from hub.app.seed.lives import NOBODY, Begin, Life, Walker
from hub.app.seed.people import ACCOUNTS, Person, Staff, staff
from hub.dispatch import message
from hub.dispatch.config import DispatchConfig
from hub.dispatch.lives import Verb
from hub.dispatch.message import Reported, SourceCard
from hub.dispatch.timers.hook import changed
from hub.dispatch.timers.plan import Moved
from hub.dispatch.timers.rows import RUNS
from hub.grids import service as grids
from hub.grids.binding import Binder
from hub.grids.tree import GridTree
from hub.ingest import service as sources
from hub.kit.errors import Conflict
from hub.store.audit.logs import LOGS
from hub.store.audit.sealer import seal_once
from hub.store.audit.settled import look
from hub.store.tables import access as access_tables
from hub.store.tables import alerts as alert_tables
from hub.store.tables import dispatch as dispatch_tables
from hub.store.tables import grids as grid_tables
from hub.types.finding import Binding, GridWhy, RuleKind, Severity
from hub.types.site import LonLat, OwnerKind
from hub.types.staff import Role
from hub.types.work import Due, Incident, IncidentState, Origin

YEAR_S = 365 * 86400.0
SITE_ZONE = ZoneInfo("Asia/Shanghai")
REPORTS = 1500
"""Four a day, as in a real district."""
PORTION = 10_000
GROUPED = 0.25
"""Share of alerts that go out with the one before them, of the same camera and kind."""

_TITLES = (
    *("井盖破损", "路灯不亮", "垃圾堆放", "占道经营", "树枝折断压线", "水管漏水", "围挡倒塌"),
    *("道路塌陷", "河道漂浮物", "噪声扰民", "消防通道堵塞", "邻里纠纷", "积水", "违规焚烧"),
)
_ORIGINS = (Origin.WORKER, Origin.PATROL, Origin.COUNTER, Origin.DEPARTMENT)
_SEVERITIES = {Severity.P1: 0.02, Severity.P2: 0.13, Severity.P3: 0.55, Severity.P4: 0.3}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written. `until` ends the year, UTC epoch seconds; `scale` 1 is the county."""

    seed: int
    until: float
    password_hash: str
    scale: float = 1.0
    zone: ZoneInfo = SITE_ZONE

    def of(self, count: int) -> int:
        """A number of the county at this scale, at least one."""
        return max(1, round(count * self.scale))

    @property
    def since(self) -> float:
        """When the year begins."""
        return self.until - YEAR_S


@dataclass(slots=True)
class Written:
    """How many of what."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, count: int) -> None:
        """So many more."""
        self.counts[what] = self.counts.get(what, 0) + count


def seed(
    tx: Connection, plan: Plan, config: DispatchConfig, told: Callable[[str], None]
) -> Written:
    """Write everything. Raises Conflict (`not_empty`) where something stands already."""
    if full := repository.filled(tx):
        raise Conflict(f"not empty: {', '.join(full)}", code="not_empty")
    written = Written()
    plots = [*ground.civil(plan.seed), *ground.police()]
    written.add("grids", write_ground(tx, plots, plan.since))
    binder = Binder(GridTree(plot.grid for plot in plots))
    told("the ground stands")
    spots = _cameras(tx, plan, plots, binder, written)
    people = staff(plots, random.Random(plan.seed + 1), plan.of(ACCOUNTS))
    _accounts(tx, plan, people, written)
    told("cameras and people stand")
    walker = Walker(people, config, random.Random(plan.seed + 2), plan.until)
    lives = _machine(tx, plan, spots, people, walker, config, written)
    told("the year of alerts is written")
    lives += _by_people(tx, plan, plots, binder, people, walker, written)
    told("people's year is written")
    year = beside.Year(plots, people, spots, lives, plan.since, plan.until)
    dice = random.Random(plan.seed + 6)
    counts = beside.write(tx, year, config, dice, plan.of(registers.LOOKS))
    for what, count in counts.items():
        written.add(what, count)
    told("registers, duty and whistles are written; figures are derived, the log is sealed")
    beside.derive(tx, year, plan.zone)
    _seal(tx, plan.until)
    return written


def _seal(tx: Connection, now: float) -> None:
    """A year's log at once: left to the centre, it would be busy with that for minutes."""
    for log in LOGS:
        through = look(tx, log).top
        while seal_once(tx, log, through, now):
            pass


def write_ground(tx: Connection, plots: Sequence[ground.Plot], since: float) -> int:
    """The grids alone, in force since then (UTC epoch seconds); returns how many."""
    return repository.write(tx, grid_tables.grids, list(_grid_rows(plots, since)))


def _grid_rows(plots: Sequence[ground.Plot], since: float) -> Iterator[dict[str, Any]]:
    tree = GridTree(plot.grid for plot in plots)
    for plot in plots:
        grid = plot.grid
        yield {
            "id": f"sg-{grid.code}",
            "code": grid.code,
            "scheme": grid.scheme,
            "kind": grid.kind.value,
            "tier": tree.tier(grid.code),
            "name": grid.name,
            "parent_code": grid.parent_code,
            "geometry": shapely.geometry.mapping(grid.geometry),
            "valid_from": since,
            "managed_by": "api",
            "version": 1,
        }


def _cameras(
    tx: Connection, plan: Plan, plots: Sequence[ground.Plot], binder: Binder, written: Written
) -> list[Spot]:
    specs = ground.cameras(plots, random.Random(plan.seed + 3), plan.of(ground.CAMERAS))
    sources.cameras().put_all(tx, [(spec, None) for spec in specs], plan.since)
    grids.bind_all(tx, [binder.ground(spec) for spec in specs], plan.since)
    written.add("cameras", len(specs))
    return [Spot(spec.id, spec.name, binder.bind(spec, None)) for spec in specs]


def _accounts(tx: Connection, plan: Plan, people: Staff, written: Written) -> None:
    rows = (
        {
            "id": person.id,
            "login": person.login,
            "name": person.name,
            "password_hash": plan.password_hash,
            "created_at": plan.since,
        }
        for person in people.people
    )
    written.add("accounts", repository.write(tx, access_tables.accounts, rows))
    given = (_grant_row(person, plan.since) for person in people.people)
    repository.write(tx, access_tables.grants, given)


def _grant_row(person: Person, since: float) -> dict[str, Any]:
    grant = person.grant
    return {
        "id": f"{person.id}-g",
        "account_id": person.id,
        "role": grant.role.value,
        "grid": grant.grid,
        "unit": grant.unit,
        "given_at": since,
        "given_by": "hub",
    }


def _machine(
    tx: Connection,
    plan: Plan,
    spots: Sequence[Spot],
    people: Staff,
    walker: Walker,
    config: DispatchConfig,
    written: Written,
) -> list[Life]:
    """Alerts, and the incidents of those that went out; written in portions."""
    rng = random.Random(plan.seed + 4)
    waiting: dict[tuple[str, str], list[Alarm]] = {}
    portion: list[Alarm] = []
    lives: list[Life] = []
    for alarm in alarms(spots, people, rng, plan.since, plan.until, plan.of(ALERTS)):
        portion.append(alarm)
        if alarm.goes_out_at is not None:
            key = (alarm.spot.camera, alarm.row["rule_kind"])
            group = waiting.setdefault(key, [])
            group.append(alarm)
            if rng.random() >= GROUPED:
                lives.append(_filed(waiting.pop(key), walker, config, written))
        if len(portion) >= PORTION:
            lives += [_filed(group, walker, config, written) for group in waiting.values()]
            waiting.clear()
            _write_alerts(tx, portion, written)
            portion = []
    lives += [_filed(group, walker, config, written) for group in waiting.values()]
    _write_alerts(tx, portion, written)
    _write_lives(tx, lives, written)
    return lives


def _filed(
    group: Sequence[Alarm], walker: Walker, config: DispatchConfig, written: Written
) -> Life:
    """The incident of some alerts of one place and kind."""
    last = group[-1]
    written.add("incidents of machines", 1)
    incident_id = f"si-m{written.counts['incidents of machines']:06}"
    for alarm in group:
        alarm.row["incident_id"] = incident_id
    row, binding = last.row, last.spot.binding
    values = {
        "id": incident_id,
        "group_key": f"{row['grid_code']}/{row['rule_kind']}",
        "rule_kind": row["rule_kind"],
        "grid_code": row["grid_code"],
        "grid_path": row["grid_path"],
        "origin": Origin.CAMERA.value,
        "lon": row["lon"],
        "lat": row["lat"],
        "reports": [_report(alarm, config) for alarm in group],
    }
    begin = Begin(
        values,
        tuple(values["reports"]),
        binding.grid_path,
        last.severity,
        tuple(alarm.row["id"] for alarm in group),
    )
    return walker.walk(begin, last.goes_out_at or row["raised_at"], Verb.FILE, "hub")


def _report(alarm: Alarm, config: DispatchConfig) -> dict[str, Any]:
    card = SourceCard(alarm.spot.name, alarm.spot.name, OwnerKind.PUBLIC)
    alert = to_alert(SimpleNamespace(**alarm.row))
    return message.report(alert, card, alert.rule_id, config.evidence_path)


def _by_people(
    tx: Connection,
    plan: Plan,
    plots: Sequence[ground.Plot],
    binder: Binder,
    people: Staff,
    walker: Walker,
    written: Written,
) -> list[Life]:
    rng = random.Random(plan.seed + 5)
    parents = {plot.grid.parent_code for plot in plots}
    leaves = [plot for plot in plots if plot.grid.code not in parents]
    weights = [rng.paretovariate(1.1) for _ in leaves]
    count = plan.of(REPORTS)
    times = sorted(rng.uniform(plan.since, plan.until) for _ in range(count))
    lives = []
    for number, (at, plot) in enumerate(
        zip(times, rng.choices(leaves, weights, k=count), strict=True), start=1
    ):
        lon, lat = plot.block.at(rng.random(), rng.random())
        binding = binder.bind_at(LonLat(lon, lat), GridWhy.REPORTED_POSITION)
        begin = _reported(f"si-p{number:06}", at, binding, rng)
        reporter = people.nearest(Role.WORKER, binding.grid_path, rng)
        by = "hub" if reporter is None else reporter.name
        lives.append(walker.walk(begin, at, Verb.REPORT, by))
    written.add("incidents of people", len(lives))
    _write_lives(tx, lives, written)
    return lives


def _reported(incident_id: str, at: float, binding: Binding, rng: random.Random) -> Begin:
    [severity] = rng.choices(list(_SEVERITIES), list(_SEVERITIES.values()))
    title, origin = rng.choice(_TITLES), rng.choice(_ORIGINS)
    case = Reported(incident_id, severity, title, "", binding, exercise=False)
    report = message.reported(case, origin.value, at)
    values = {
        "id": incident_id,
        "group_key": f"report/{incident_id}",
        "rule_kind": RuleKind.REPORT.value,
        "grid_code": binding.grid_code,
        "grid_path": list(binding.grid_path),
        "origin": origin.value,
        "title": title,
        "lon": None if binding.position is None else binding.position.lon,
        "lat": None if binding.position is None else binding.position.lat,
        "reports": [report],
    }
    return Begin(values, (report,), binding.grid_path, severity)


def _write_alerts(tx: Connection, portion: Sequence[Alarm], written: Written) -> None:
    rows = (alarm.row for alarm in portion)
    written.add("alerts", repository.write(tx, alert_tables.alerts, rows))
    lines = (line for alarm in portion for line in alarm.lines)
    written.add("lines of the log", repository.write(tx, alert_tables.transitions, lines))


def _begin_clocks(tx: Connection, lives: Sequence[Life]) -> None:
    """Of cases that are open: their clocks, planned as the journal would have, word by word.

    What has become due meanwhile fires when a centre starts, as after any long absence.
    """
    for life in (life for life in lives if any(life.state in runs for runs in RUNS.values())):
        for line in life.lines:
            moved = Moved(line["what"], line["from_state"], line["at"], line["actor"] != NOBODY)
            changed(tx, [(_as_it_was(life, line), moved)])


def _as_it_was(life: Life, line: Mapping[str, Any]) -> Incident:
    row = life.row
    return Incident(
        id=life.begin.id,
        state=IncidentState(line["to_state"]),
        rule_kind=RuleKind(row["rule_kind"]),
        severity=life.begin.severity,
        grid_code=row["grid_code"],
        grid_path=life.begin.path,
        opened_at=row["opened_at"],
        updated_at=line["at"],
        alert_ids=life.begin.alert_ids,
        due=Due(row["accept_by"], row["on_scene_by"], row["handle_by"]),
    )


def _write_lives(tx: Connection, lives: Sequence[Life], written: Written) -> None:
    tables = dispatch_tables
    _begin_clocks(tx, lives)
    repository.write(tx, tables.incidents, (life.row for life in lives))
    tasks = [task for life in lives for task in life.tasks]
    written.add("tasks", repository.write(tx, tables.tasks, tasks))
    delivered = (
        {
            "task_id": task["id"],
            "centre": task["centre"],
            "created_at": task["created_at"],
            "sent": True,
            "queued_at": task["created_at"] + 0.1,
            "acked_at": task["created_at"] + 0.3,
            "deliveries": 1,
        }
        for task in tasks
    )
    repository.write(tx, tables.outbox, delivered)
    asked = (ask for life in lives for ask in life.approvals)
    written.add("approvals", repository.write(tx, tables.approvals, asked))
    lines = (line for life in lives for line in (*life.lines, *life.task_lines))
    written.add("lines of the log", repository.write(tx, alert_tables.transitions, lines))
