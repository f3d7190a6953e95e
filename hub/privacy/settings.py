"""For how long what is kept: `retention` of hub.yaml."""

from __future__ import annotations

from pydantic import Field

from hub.types.site import Spec


class Retention(Spec):
    """Days by class, each from its own moment.

    `evidence_days`: pictures and clips of alerts that came to no incident, from when they were
    linked; a camera's file may say another number for its own. `false_alarm_days`: of alerts judged
    false, a test or suppressed. `incident_days`: of incidents, from their end. `unlinked_hours`:
    what nothing refers to (yet). `export_days`: files made for export. `looks_days`, `logs_days`:
    names in the register of looks and in the log of who acted; the lines themselves stay.
    `notice_days`: notices and their deliveries, from the end of their case; `try_days`: each try of
    a delivery; `storm_days`: which cameras a storm consisted of, from the end of its alert.
    `ledger_days`: the ids of what was deleted; how many they were and their digest stay.
    """

    evidence_days: int = Field(default=30, ge=1, le=3650)
    unlinked_hours: float = Field(default=24.0, ge=1, le=720)
    false_alarm_days: int = Field(default=7, ge=1, le=3650)
    incident_days: int = Field(default=90, ge=1, le=3650)
    export_days: int = Field(default=7, ge=1, le=90)
    looks_days: int = Field(default=180, ge=30, le=1095)
    logs_days: int = Field(default=1095, ge=180, le=1095)
    login_failure_days: int = Field(default=1, ge=1, le=90)
    session_days: int = Field(default=30, ge=1, le=365)
    notice_days: int = Field(default=180, ge=30, le=1095)
    try_days: int = Field(default=90, ge=7, le=1095)
    storm_days: int = Field(default=400, ge=30, le=1095)
    ledger_days: int = Field(default=1095, ge=365, le=3650)
