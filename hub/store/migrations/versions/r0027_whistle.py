"""The clocks of whistles are rows like those of cases, and a department answers a supervision.

Revision: 0027
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

STEPS = ("sign", "contact", "report")
RUNS = {
    "sign": ("called",),
    "contact": ("signed",),
    "report": ("contacted", "sent_back"),
}
HOLDS = {"sign": (), "contact": ("called",), "report": ("called", "signed", "reported")}
LEVELS = {"yellow": 0.8, "red": 1.0, "supervision": 1.2, "leader": 1.5}

timers = sa.table(
    "timers",
    *(
        sa.column(name)
        for name in (
            "subject",
            "subject_id",
            "step",
            "level",
            "started_at",
            "due_at",
            "state",
            "fired_at",
            "version",
        )
    ),
)
whistles = sa.table("whistles", *map(sa.column, ("id", "late", "warned")))


def upgrade() -> None:
    """Write the rows of open whistles by the deadlines they have; what was told stays told."""
    tx = op.get_bind()
    found = tx.execute(sa.text("SELECT * FROM whistles WHERE ended_at IS NULL")).mappings()
    rows = [row for whistle in found for row in clocks(whistle)]
    if rows:
        tx.execute(sa.insert(timers), rows)
    for column in ("late", "warned"):
        op.drop_column("whistles", column)
    op.add_column("supervisions", sa.Column("unit", sa.Text()))


def clocks(whistle: sa.RowMapping) -> Iterator[dict[str, object]]:
    """The rows of the steps that are not done.

    What lies beyond the deadline is counted on by the wall, also for those that work by the
    calendar: it is late either way.
    """
    for step in STEPS:
        runs, holds = whistle["state"] in RUNS[step], whistle["state"] in HOLDS[step]
        if not (runs or holds):
            continue
        began, ends = whistle["called_at"], whistle[f"{step}_by"]
        due = {level: began + share * (ends - began) for level, share in LEVELS.items()}
        due |= {"yellow": whistle[f"{step}_soon"] or due["yellow"], "red": ends}
        told = {"red": whistle["late"] == step}
        told["yellow"] = told["red"] or whistle["warned"] == step
        for level, due_at in due.items():
            fired = told.get(level, False)
            yield {
                "subject": "whistle",
                "subject_id": whistle["id"],
                "step": step,
                "level": level,
                "started_at": began,
                "due_at": due_at,
                "state": "fired" if fired else "waiting" if runs else "held",
                "fired_at": due_at if fired else None,
                "version": 1,
            }


def downgrade() -> None:
    """Take the rows away, and with them what nobody of before could read."""
    for column in ("late", "warned"):
        op.add_column("whistles", sa.Column(column, sa.Text()))
    tx, mine = op.get_bind(), timers.c.subject == "whistle"
    fired = sa.select(timers).where(mine, timers.c.state == "fired").order_by(timers.c.due_at)
    for row in tx.execute(fired).all():
        told = {"yellow": {"warned": row.step}, "red": {"warned": row.step, "late": row.step}}
        if row.level in told:
            one = sa.update(whistles).where(whistles.c.id == row.subject_id)
            tx.execute(one.values(**told[row.level]))
    tx.execute(sa.delete(timers).where(mine))
    op.execute("DELETE FROM supervisions WHERE subject = 'whistle'")
    op.drop_column("supervisions", "unit")
