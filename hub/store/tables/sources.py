"""Cameras and sensors as registered, from files and through the API (one truth: this table)."""

from sqlalchemy import Boolean, Integer, Table, Text

from hub.store.tables.base import Epoch, Json, metadata, plain

cameras = Table(
    "cameras",
    metadata,
    plain("id", Text, primary_key=True),
    plain("spec", Json, nullable=False),
    plain("secret", Text),
    plain("managed_by", Text, nullable=False),
    plain("origin", Text),
    plain("enabled", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)

sensors = Table(
    "sensors",
    metadata,
    plain("id", Text, primary_key=True),
    plain("spec", Json, nullable=False),
    plain("secret", Text),
    plain("managed_by", Text, nullable=False),
    plain("origin", Text),
    plain("enabled", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)

brokers = Table(
    "brokers",
    metadata,
    plain("id", Text, primary_key=True),
    plain("spec", Json, nullable=False),
    plain("secret", Text),
    plain("managed_by", Text, nullable=False),
    plain("origin", Text),
    plain("enabled", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)
