"""Memory and descriptors over time, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench.soak_verdict import by_process
from bench.soak_watch import Sample


def draw(samples: Sequence[Sample], path: Path) -> None:
    """Two charts, one line a process."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    for name, mine in by_process(samples).items():
        minutes = [sample.at_s / 60.0 for sample in mine]
        above.plot(minutes, [sample.pss_mib for sample in mine], label=name)
        below.plot(minutes, [sample.descriptors for sample in mine], label=f"{name} descriptors")
        below.plot(
            minutes, [sample.threads for sample in mine], linestyle=":", label=f"{name} threads"
        )
    above.set_ylabel("memory (PSS), MiB")
    below.set_xlabel("minutes")
    for chart in (above, below):
        chart.set_ylim(bottom=0)
        chart.legend(ncols=4, fontsize="small")
        chart.grid(alpha=0.3)
    figure.savefig(path, dpi=100)
