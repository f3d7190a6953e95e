"""What the owners of cameras have agreed to.

A consent is ended, never deleted: to whom a picture was shown, and by whose leave, is asked years
later.
"""

from sqlalchemy import Index, Table, Text

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

consents = Table(
    "consents",
    metadata,
    plain("id", Text, primary_key=True),
    plain("owner", Text, nullable=False),
    plain("camera", Text),
    plain("mode", Text, nullable=False),
    plain("windows", Json, nullable=False),
    plain("roles", Json, nullable=False),
    personal("agreed_by", Text, nullable=False, purpose="who agreed for the owner", keep_days=1095),
    plain("document", Text, nullable=False),
    plain("starts_at", Epoch, nullable=False),
    personal(
        "entered_by", Text, nullable=False, purpose="who put a consent on file", keep_days=1095
    ),
    plain("entered_at", Epoch, nullable=False),
    plain("ended_at", Epoch),
    personal("ended_by", Text, purpose="who ended a consent", keep_days=1095),
)
Index("ix_consents_owner", consents.c.owner, consents.c.ended_at)
