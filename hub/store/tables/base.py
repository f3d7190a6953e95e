"""How columns are declared: each says whether it holds personal data, why and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Double, MetaData
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON().with_variant(JSONB(), "postgresql")
JsonOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Where None is stored as NULL, so that a query can ask for it."""
Epoch = Double
"""UTC epoch seconds."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Why a personal column exists and for how many days after its case it is kept.

    `told`: a text that holds JSON, in which names are some of the values.
    """

    purpose: str
    keep_days: int
    told: bool = False


def plain(name: str, *args: Any, **kwargs: Any) -> Column[Any]:
    """A column that holds nothing about a person."""
    return Column(name, *args, info={"personal": None}, **kwargs)


def personal(
    name: str, *args: Any, purpose: str, keep_days: int, told: bool = False, **kwargs: Any
) -> Column[Any]:
    """A column about a member of staff or someone who reports, with purpose and retention."""
    return Column(name, *args, info={"personal": Personal(purpose, keep_days, told)}, **kwargs)
