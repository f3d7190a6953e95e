"""Sensors that post their readings over HTTP, and remember what the hub promised them."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from bench.chaos_site import HIGH, HTTP_SENSORS, LOW

ANSWER_S = 30.0
"""Longer than any start: a request given up sooner could still be worked on after the next one."""
RETRY_S = 0.2


@dataclass(slots=True)
class Promises:
    """`accepted`: ids of the readings answered 202.

    `findings`: ids of findings that must come of them. A reading above the bound after one below
    it opens an episode, the next one below closes it, whenever both were accepted.
    """

    accepted: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0


class Posting:
    """All HTTP sensors in turn, `rate` readings a second; `step` is a supervised loop's turn."""

    def __init__(self, address: str, token: str, rule: str, rate: float) -> None:
        self.promises = Promises()
        self._rule = rule
        self._pause_s = 1.0 / rate
        self._turn = 0
        self._last: dict[str, float | None] = dict.fromkeys(HTTP_SENSORS, LOW)
        self._client = httpx.Client(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_S,
        )

    def step(self) -> float:
        """Post one reading; returns the pause before the next, seconds."""
        sensor = HTTP_SENSORS[self._turn % len(HTTP_SENSORS)]
        self._turn += 1
        value = LOW if self._last[sensor] == HIGH else HIGH
        try:
            answer = self._client.post(
                f"/sensors/{sensor}/readings", json={"data": {"level": value}}
            )
        except httpx.TransportError:
            self.promises.unanswered += 1
            self._last[sensor] = None  # on the disk or not: nobody can tell
            return RETRY_S
        if answer.status_code != httpx.codes.ACCEPTED:
            self.promises.refused += 1
            return RETRY_S
        self._note(sensor, value, answer.json()["records"])
        return self._pause_s

    def _note(self, sensor: str, value: float, records: list[str]) -> None:
        self.promises.accepted += records
        if self._last[sensor] is not None:
            self.promises.findings += [f"{record}/{self._rule}" for record in records]
        self._last[sensor] = value
