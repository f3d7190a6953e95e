"""What is told of the sealed logs."""

from __future__ import annotations

from hub.api.schemas import Answer, Moment


class HeadOut(Answer):
    """The newest seal of a log, as `hub audit head` prints it: to be kept elsewhere.

    Whoever has `chain`, `number` and `hash` can prove later that nothing before was rewritten.
    """

    chain: str
    number: int
    hash: str
    sealed_at: Moment | None
    sealed_rows: int
    unsealed_rows: int
