"""Files of cameras, exports, holds, and what was deleted.

Revision: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables, and find evidence by its age."""
    _camera_files()
    _holds()
    _exports()
    _deletions()
    op.create_index("ix_media_linked_at", "media", ["linked_at"])
    op.create_index("ix_media_linked_to", "media", ["linked_to"])


def _camera_files() -> None:
    op.create_table(
        "camera_files",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text()),
        sa.Column("purpose_note", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("sign_posted", sa.Boolean()),
        sa.Column("sign_posted_at", sa.Double()),
        sa.Column("sign_posted_by", sa.Text()),
        sa.Column("filing_number", sa.Text(), nullable=False),
        sa.Column("retention_days", sa.Integer()),
        sa.Column("retention_ground", sa.Text()),
        sa.Column("consent_id", sa.Text()),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.UniqueConstraint("camera_id", "version", name="uq_camera_files_camera_id"),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.UniqueConstraint("ends", name="uq_holds_ends"),
    )
    op.create_index("ix_holds_incident_id", "holds", ["incident_id"])


def _exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("grid_path", Json, nullable=False),
        sa.Column("evidence_ids", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("legal_ground", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.Double()),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("ready_at", sa.Double()),
        sa.Column("fetch_until", sa.Double()),
        sa.Column("fetches", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("sha256", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("number", name="uq_exports_number"),
    )
    op.create_index("ix_exports_state", "exports", ["state", "asked_at"])
    op.create_index("ix_exports_incident_id", "exports", ["incident_id"])


def _deletions() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("before", sa.Double(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.Double()),
        sa.Column("last_at", sa.Double()),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
    )
    op.create_index("ix_deletions_kind", "deletions", ["kind", "at"])


def downgrade() -> None:
    """Take them away; what was deleted stays so, and can no longer be proved."""
    op.drop_index("ix_media_linked_to", "media")
    op.drop_index("ix_media_linked_at", "media")
    for table in ("deletions", "exports", "holds", "camera_files"):
        op.drop_table(table)
