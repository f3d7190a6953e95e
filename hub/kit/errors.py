"""Errors that say what the caller should do."""

from __future__ import annotations


class HubError(Exception):
    """Base of all errors the hub raises by name. `code` is a stable word for logs and the API."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class Retryable(HubError):
    """It may work later: wait and try again."""

    code = "retryable"


class Permanent(HubError):
    """It will never work as it is: to the dead-letter list."""

    code = "permanent"


class Misconfigured(HubError):
    """The configuration is wrong: stop the start and say where."""

    code = "misconfigured"


class Refused(HubError):
    """A caller's request is understood and not granted; nothing changed."""

    code = "refused"


class NotFound(Refused):
    """No such thing."""

    code = "not_found"


class Conflict(Refused):
    """The thing is in another state, or belongs to a file."""

    code = "conflict"


class Forbidden(Refused):
    """The caller may not."""

    code = "forbidden"
