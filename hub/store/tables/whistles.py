"""What departments are called for."""

from sqlalchemy import Index, Integer, Table, Text, text

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

whistles = Table(
    "whistles",
    metadata,
    plain("id", Text, primary_key=True),
    plain("incident_id", Text, nullable=False),
    plain("unit", Text, nullable=False),
    plain("part", Text, nullable=False),
    plain("state", Text, nullable=False),
    plain("note", Text, nullable=False),
    plain("called_at", Epoch, nullable=False),
    personal("called_by", Text, nullable=False, purpose="who may withdraw it", keep_days=1095),
    plain("sign_by", Epoch, nullable=False),
    plain("contact_by", Epoch, nullable=False),
    plain("report_by", Epoch, nullable=False),
    # When each step turns yellow; null for what was called before there was that.
    plain("sign_soon", Epoch),
    plain("contact_soon", Epoch),
    plain("report_soon", Epoch),
    plain("signed_at", Epoch),
    personal("signed_by", Text, purpose="who of the department answers", keep_days=1095),
    plain("contacted_at", Epoch),
    plain("reported_at", Epoch),
    personal("reported_by", Text, purpose="who may not accept the report", keep_days=1095),
    plain("ended_at", Epoch),
    plain("reason", Text, nullable=False),
    plain("answer", Text, nullable=False),
    plain("reports", Json, nullable=False),
    plain("updated_at", Epoch, nullable=False),
    plain("version", Integer, nullable=False),
)
Index("ix_whistles_incident_id", whistles.c.incident_id, whistles.c.unit)
Index("ix_whistles_unit", whistles.c.unit, whistles.c.called_at)
Index("ix_whistles_called_at", whistles.c.called_at)
_OPEN = text("ended_at IS NULL")
Index("ix_whistles_open", whistles.c.called_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
# Two leads of one incident cannot be written, whoever calls at the same moment.
_ONE_LEAD = text("part = 'lead' AND ended_at IS NULL")
Index(
    "ux_whistles_lead",
    whistles.c.incident_id,
    unique=True,
    sqlite_where=_ONE_LEAD,
    postgresql_where=_ONE_LEAD,
)
