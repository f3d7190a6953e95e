"""Seals over the logs, and the salts behind the references that stand for people in what is sealed.

The logs themselves are `transitions` and `looks`. A column added to one of them is nullable and not
filled for the rows that are there: NULL is left out of what is hashed, so old rows keep their hash.
"""

from sqlalchemy import BigInteger, Integer, Table, Text

from hub.store.tables.base import Epoch, metadata, personal, plain

seals = Table(
    "seals",
    metadata,
    plain("chain", Text, primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    plain("sealed_at", Epoch, nullable=False),
    plain("last_seq", BigInteger, nullable=False),
    plain("total", BigInteger, nullable=False),
    plain("entries", Text, nullable=False),
    plain("hash", Text, nullable=False),
)

# By the hash of the name or device, which the rows themselves show: nothing is written down twice.
person_salts = Table(
    "person_salts",
    metadata,
    personal("key", Text, primary_key=True, purpose="finds the salt of a name", keep_days=1095),
    plain("salt", Text, nullable=False),
)
