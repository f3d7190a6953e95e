"""Passwords that are still those of the example."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import SecretStr

from hub.config.draft import Draft
from hub.config.node import Problem

EXAMPLE = "change-me"
"""How the passwords of the shipped files begin."""


def examples(draft: Draft) -> Iterator[Problem]:
    """Everybody knows them: a camera could be watched, a panic button pressed, by anybody."""
    for camera in draft.cameras:
        given = camera.value.credentials
        if given is not None and _is_example(given.password):
            yield camera.problem(_TEXT, "credentials", "password")
    for broker in draft.brokers:
        if _is_example(broker.value.password):
            yield broker.problem(_TEXT, "password")
    for sensor in draft.sensors:
        if _is_example(sensor.value.token):
            yield sensor.problem(_TEXT, "token")


_TEXT = "still the example's; set its environment variable"


def _is_example(secret: SecretStr | None) -> bool:
    return secret is not None and secret.get_secret_value().startswith(EXAMPLE)
