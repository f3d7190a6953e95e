"""Many cameras at once: a sheet into the register, and the register out as YAML."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
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


Check = Callable[[CameraSpec | None, CameraSpec], Sequence[str]]
"""Asked of each camera with the one it replaces. What the register of looks is told of it; raises
HubError for a camera that may not be registered so."""


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """All rows, and the cameras to be written with the versions of those they replace.

    `told` is what the register of looks is told once it is done.
    """

    rows: tuple[RowReport, ...]
    wanted: tuple[tuple[CameraSpec, int | None], ...]
    told: tuple[str, ...]

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
    check: Check,
) -> SheetPlan:
    """What would become of a sheet; only reads, for names are resolved and that takes its time.

    What a sheet has no column for (zones, rules, masks, …) and what its cell leaves empty stays
    as it is.
    """
    known = {entry.spec.id: entry for entry in register.list(tx)}
    planned = [_plan(tx, register, row, known.get(row.camera_id), check) for row in rows]
    return SheetPlan(
        tuple(each.report for each in planned),
        tuple(
            (each.spec, known[each.spec.id].version if each.spec.id in known else None)
            for each in planned
            if each.spec is not None
        ),
        tuple(line for each in planned for line in each.told),
    )


def apply_sheet(
    tx: Connection, register: Register[CameraSpec], plan: SheetPlan, now: float
) -> None:
    """Write what was planned. Raises Conflict where somebody else changed one in the meantime."""
    register.put_all(tx, plan.wanted, now)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A row, and the camera to be written for it, if any."""

    report: RowReport
    spec: CameraSpec | None = None
    told: tuple[str, ...] = ()


def _plan(
    tx: Connection,
    register: Register[CameraSpec],
    row: Row,
    known: Registered[CameraSpec] | None,
    check: Check,
) -> _Planned:
    def planned(outcome: RowOutcome, *faults: str) -> RowReport:
        return RowReport(row.line, row.camera_id, outcome, faults)

    refused = RowOutcome.REFUSED
    if row.spec is None:
        return _Planned(planned(refused, *row.faults))
    if known is not None and known.managed_by == FILE:
        return _Planned(planned(refused, f"is managed by the file {known.origin}"))
    try:
        spec = row.spec if known is None else _merged(known.spec, row)
        told = check(None if known is None else known.spec, spec)
    except ValidationError as error:
        faults = (f"{column_of(e['loc'])}: {e['msg']}" for e in error.errors())
        return _Planned(planned(refused, *faults))
    except HubError as error:
        return _Planned(planned(refused, str(error)))
    if known is not None and register.same(tx, spec):
        return _Planned(planned(RowOutcome.SAME))
    outcome = RowOutcome.CREATE if known is None else RowOutcome.UPDATE
    return _Planned(planned(outcome), spec, tuple(told))


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
