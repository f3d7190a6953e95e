"""What a notifier is: one way to reach a person, a group or a system.

A notifier only sends. When, to whom and how often is decided by `notices/`; a try that failed is
a row, never a loop in here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import Field

from hub.dispatch.calls import Caller
from hub.kit.clock import Clock
from hub.types.finding import Severity
from hub.types.site import Identifier, Spec

ALL = tuple(Severity)
Json = dict[str, Any]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ChannelConfig(Spec):
    """What all channels have in common.

    `kinds` empty: every kind of notice. `grid`: only what is on that grid or below. `per_minute`:
    no more tries than that. `timeout_s` bounds one try as a whole.
    """

    id: Identifier
    name: str = Field(default="", max_length=80)
    enabled: bool = True
    severities: tuple[Severity, ...] = ALL
    kinds: tuple[str, ...] = ()
    grid: str | None = None
    per_minute: int | None = Field(default=None, ge=1, le=10_000)
    timeout_s: float = Field(default=10.0, gt=0, le=60)


class Reach(StrEnum):
    """Whom one message of a channel reaches."""

    PERSON = "person"
    GROUP = "group"
    """Several people or a system: one message a notice, addressed to nobody by name."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person wants to be reached; only they and the deliverer know it."""

    account: str = ""
    phone: str | None = None
    robot_id: str | None = None
    mention: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `key` is the same at each try: the receiver drops what it has seen.

    `items` are its notices as JSON; `mentions` the numbers of those who want to be mentioned.
    """

    key: str
    text: str
    severity: Severity
    at: float
    exercise: bool
    items: tuple[Json, ...]
    to: Address = Address()
    mentions: tuple[str, ...] = ()


class ErrorClass(StrEnum):
    """What is to be done about a try that failed."""

    RETRYABLE = "retryable"
    PERMANENT = "permanent"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"
    """The process ended between sending and noting it: it is sent again, with the same key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try. `words` hold no secret and nothing that the other side said.

    `delivered`: whoever it was for has it; else a gateway only took it. `retry_after_s`: the
    receiver wants the whole channel to wait.
    """

    error: ErrorClass | None = None
    status: int | None = None
    words: str = "ok"
    delivered: bool = False
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What notifiers work with.

    `post` writes one message into a person's change feed; `secret` gives a value of the
    environment by its name, None if it is not set.
    """

    caller: Caller
    post: Callable[[Letter], None]
    secret: Callable[[str], str | None]
    clock: Clock


class Notifier(Protocol):
    """One channel of `dispatch.yaml` at work."""

    reach: ClassVar[Reach]
    disturbs: ClassVar[bool]
    """Whether quiet hours and digests hold for it."""

    def __init__(self, config: Any, tools: Tools, /) -> None:
        """Prepare; never connects."""

    @staticmethod
    def can_reach(address: Address) -> bool:
        """Whether this person can be reached at all."""
        ...

    async def send(self, letter: Letter) -> Outcome:
        """One try. Never raises for what the other side does."""
        ...


def fill(template: Any, values: dict[str, Any]) -> Any:
    """A template with its placeholders `{name}` filled; one that stands alone keeps its type."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    alone = _PLACEHOLDER.fullmatch(template)
    if alone is not None and alone[1] in values:
        return values[alone[1]]

    def value_of(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return value if isinstance(value, str) else found[0]

    # In one pass: what is put in is never looked at again for placeholders.
    return _PLACEHOLDER.sub(value_of, template)


@dataclass(frozen=True, slots=True)
class Lacking:
    """Names of the environment that a channel needs and that are not set."""

    names: tuple[str, ...] = field(default_factory=tuple)

    @property
    def outcome(self) -> Outcome:
        """As a try that could not be made."""
        told = f"not set in the environment: {', '.join(self.names)}"
        return Outcome(ErrorClass.MISCONFIGURED, words=told)
