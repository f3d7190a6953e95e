"""Counters of one process: plain numbers by name and labels, exported by whoever is asked."""

from __future__ import annotations

import threading

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counters and gauges. Names follow Prometheus: `hub_<what>_<unit>_total` for counters."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[str, Labels], float] = {}

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Count up."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self._values[key] = self._values.get(key, 0.0) + amount

    def put(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        with self._lock:
            self._values[name, tuple(sorted(labels.items()))] = value

    def get(self, name: str, **labels: str) -> float:
        """The present value, 0 where nothing was counted."""
        with self._lock:
            return self._values.get((name, tuple(sorted(labels.items()))), 0.0)

    def snapshot(self) -> list[tuple[str, dict[str, str], float]]:
        """All values, sorted by name and labels."""
        with self._lock:
            items = sorted(self._values.items())
        return [(name, dict(labels), value) for (name, labels), value in items]
