"""Many cameras at once: a sheet into the register, and the register out as YAML."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from sqlalchemy import Connection

from hub.ingest.service import CAMERA, Register, Registered
from hub.ingest.sheet import Row, column_of
from hub.kit.errors import HubError
from hub.store.managed import FILE
from hub.types.site import CameraSpec

Json = dict[str, Any]


class RowOutcome(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    UPDATE = "update"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row of the sheet and what becomes of it; `faults` only where it is refused."""

    line: int
    camera_id: str
    outcome: RowOutcome
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """All rows, and the cameras to be written with the versions of those they replace."""

    rows: tuple[RowReport, ...]
    wanted: tuple[tuple[CameraSpec, int | None], ...]

    @property
    def refused(self) -> bool:
        """Whether any row is refused: it is all or none."""
        return self.count(RowOutcome.REFUSED) > 0

    def count(self, outcome: RowOutcome) -> int:
        """How many rows come to this."""
        return sum(row.outcome is outcome for row in self.rows)


def plan_sheet(
    tx: Connection,
    register: Register[CameraSpec],
    rows: Iterable[Row],
    check: Callable[[CameraSpec], None],
) -> SheetPlan:
    """What would become of a sheet; only reads, for names are resolved and that takes its time.

    What a sheet has no column for (zones, rules, masks, …) and what its cell leaves empty stays
    as it is. `check` raises HubError for a camera that may not be registered so.
    """
    known = {entry.spec.id: entry for entry in register.list(tx)}
    planned = [_plan(tx, register, row, known.get(row.camera_id), check) for row in rows]
    written = (RowOutcome.CREATE, RowOutcome.UPDATE)
    return SheetPlan(
        tuple(report for report, _ in planned),
        tuple(
            (spec, known[spec.id].version if spec.id in known else None)
            for report, spec in planned
            if spec is not None and report.outcome in written
        ),
    )


def apply_sheet(
    tx: Connection, register: Register[CameraSpec], plan: SheetPlan, now: float
) -> None:
    """Write what was planned. Raises Conflict where somebody else changed one in the meantime."""
    register.put_all(tx, plan.wanted, now)


def _plan(
    tx: Connection,
    register: Register[CameraSpec],
    row: Row,
    known: Registered[CameraSpec] | None,
    check: Callable[[CameraSpec], None],
) -> tuple[RowReport, CameraSpec | None]:
    def refused(*faults: str) -> tuple[RowReport, None]:
        return RowReport(row.line, row.camera_id, RowOutcome.REFUSED, faults), None

    if row.spec is None:
        return refused(*row.faults)
    if known is not None and known.managed_by == FILE:
        return refused(f"is managed by the file {known.origin}")
    try:
        spec = row.spec if known is None else _merged(known.spec, row)
        check(spec)
    except ValidationError as error:
        return refused(*(f"{column_of(e['loc'])}: {e['msg']}" for e in error.errors()))
    except HubError as error:
        return refused(str(error))
    if known is None:
        outcome = RowOutcome.CREATE
    else:
        outcome = RowOutcome.SAME if register.same(tx, spec) else RowOutcome.UPDATE
    return RowReport(row.line, row.camera_id, outcome), spec


def _merged(present: CameraSpec, row: Row) -> CameraSpec:
    body, _ = CAMERA.hide(present)
    return CameraSpec.model_validate(_over(body, row.given))


def _over(below: Json, above: Json) -> Json:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _over(old, value)
        else:
            merged[key] = value
    return merged


def export_yaml(cameras: Iterable[Registered[CameraSpec]]) -> str:
    """The register as `cameras.yaml`; a password becomes `${CAMERA_<ID>_PASSWORD}`."""
    out = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.dump({"cameras": [_as_written(entry) for entry in cameras]}, out)
    return out.getvalue()


def _as_written(entry: Registered[CameraSpec]) -> Json:
    spec = entry.spec.model_copy(update={"enabled": entry.enabled})
    body = spec.model_dump(
        mode="json", exclude_defaults=True, exclude={"credentials": {"password"}}
    )
    if spec.credentials is not None:
        name = re.sub(r"[^A-Z0-9]", "_", spec.id.upper())
        body["credentials"]["password"] = f"${{CAMERA_{name}_PASSWORD}}"
    return body
