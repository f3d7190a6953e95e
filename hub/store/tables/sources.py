"""Cameras, sensors and brokers as registered, from files and through the API (one truth: here)."""

from sqlalchemy import Boolean, Integer, Table, Text

from hub.store.tables.base import Epoch, Json, metadata, plain


def _register(name: str) -> Table:
    """Entries with two owners, files and the API; `secret` is ciphertext."""
    return Table(
        name,
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


cameras = _register("cameras")
sensors = _register("sensors")
brokers = _register("brokers")
