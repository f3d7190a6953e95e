"""What the law asks for: files of cameras, evidence that left the house, holds, deletions.

Nothing here is ever changed back or deleted: a new version, an entry that ends another, a state
further on.
"""

from sqlalchemy import BigInteger, Boolean, Index, Integer, Table, Text, UniqueConstraint, false

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

# A change is a new version. The newest one counts.
camera_files = Table(
    "camera_files",
    metadata,
    plain("id", Text, primary_key=True),
    plain("camera_id", Text, nullable=False),
    plain("version", Integer, nullable=False),
    plain("purpose", Text),
    plain("purpose_note", Text, nullable=False),
    plain("location", Text, nullable=False),
    plain("sign_posted", Boolean),
    plain("sign_posted_at", Epoch),
    personal("sign_posted_by", Text, purpose="who put up the sign", keep_days=1095),
    plain("filing_number", Text, nullable=False),
    plain("retention_days", Integer),
    plain("retention_ground", Text),
    plain("consent_id", Text),
    plain("written_at", Epoch, nullable=False),
    personal("written_by", Text, nullable=False, purpose="who wrote the file", keep_days=1095),
    UniqueConstraint("camera_id", "version"),
)

# `ends` names the hold that this entry ends. A hold counts until then, or until its own day.
holds = Table(
    "holds",
    metadata,
    plain("id", Text, primary_key=True),
    plain("incident_id", Text, nullable=False),
    plain("ends", Text, unique=True),
    plain("reason", Text, nullable=False),
    plain("note", Text, nullable=False),
    plain("until", Epoch),
    plain("entered_at", Epoch, nullable=False),
    personal(
        "entered_by", Text, nullable=False, purpose="who answers for the hold", keep_days=1095
    ),
)
Index("ix_holds_incident_id", holds.c.incident_id)

exports = Table(
    "exports",
    metadata,
    plain("id", Text, primary_key=True),
    plain("number", Text, nullable=False, unique=True),
    plain("incident_id", Text, nullable=False),
    plain("grid_path", Json, nullable=False),
    plain("evidence_ids", Json, nullable=False),
    plain("reason", Text, nullable=False),
    plain("note", Text, nullable=False),
    plain("receiver", Text, nullable=False),
    plain("legal_ground", Text, nullable=False),
    # Whether what people wrote goes along, beside what the log says in words of its own.
    plain("free_words", Boolean, nullable=False, server_default=false()),
    plain("state", Text, nullable=False),
    personal("asked_by", Text, nullable=False, purpose="who may not decide", keep_days=1095),
    plain("asked_at", Epoch, nullable=False),
    personal("decided_by", Text, purpose="who answers for the decision", keep_days=1095),
    plain("decided_at", Epoch),
    plain("decision_note", Text, nullable=False),
    plain("tries", Integer, nullable=False),
    plain("failure", Text, nullable=False),
    plain("ready_at", Epoch),
    plain("fetch_until", Epoch),
    plain("fetches", Integer, nullable=False),
    plain("size_bytes", BigInteger),
    plain("sha256", Text),
    plain("version", Integer, nullable=False),
)
Index("ix_exports_state", exports.c.state, exports.c.asked_at)
Index("ix_exports_incident_id", exports.c.incident_id)

# The ledger of what was deleted, a row a batch. `ids` a line each; `digest` over them sorted.
deletions = Table(
    "deletions",
    metadata,
    plain("id", Text, primary_key=True),
    plain("kind", Text, nullable=False),
    plain("at", Epoch, nullable=False),
    plain("before", Epoch, nullable=False),
    plain("total", Integer, nullable=False),
    plain("first_at", Epoch),
    plain("last_at", Epoch),
    plain("ids", Text, nullable=False),
    plain("digest", Text, nullable=False),
)
Index("ix_deletions_kind", deletions.c.kind, deletions.c.at)
