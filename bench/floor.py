"""The bare floor: PyAV demux and decode of the same packets, and as many bare onnxruntime calls.

A process of its own, so that nothing of the hub runs in it but its choice of session options.
`live` reads the cameras over RTSP in plain loops, one thread each, for as long as the hub was
watched; `stored` reads the same packets, kept by an earlier `live`, from files as fast as it can.
Both print one line of JSON: CPU seconds (user and system) for video and for the model, frames
decoded and calls made.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import psutil
from av.video.stream import VideoStream

from hub.analytics.runtime import Graph
from hub.kit.metrics import Metrics

READY_S = 60.0
SETTLE_S = 3.0


class Keeper:
    """Writes the packets that pass into a file, for the other floor."""

    def __init__(self, path: Path, video: VideoStream) -> None:
        self._file = av.open(str(path), "w", format="matroska")
        self._stream = self._file.add_stream_from_template(video)

    def add(self, packet: av.Packet) -> None:  # type: ignore[type-arg]
        """A packet, decoded already."""
        if packet.dts is not None:
            packet.stream = self._stream
            self._file.mux(packet)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class Reader:
    """A camera read in a plain loop: demux, decode, count."""

    def __init__(self, url: str, keep: Path | None) -> None:
        self._url = url
        self._keep = keep
        self.frames = 0
        self.stop = False
        self.thread = threading.Thread(target=self._read, daemon=True)

    def _read(self) -> None:
        with av.open(self._url, options={"rtsp_transport": "tcp"}) as container:
            video = container.streams.video[0]
            video.thread_count = 1
            keep = Keeper(self._keep, video) if self._keep else None
            for packet in container.demux(video):
                self.frames += len(packet.decode())
                if self.stop:
                    break
                if keep is not None and self.frames:
                    keep.add(packet)
            if keep is not None:
                keep.close()


class Caller:
    """Runs the graph on a fixed input, evenly spread."""

    def __init__(self, model: Path) -> None:
        self._graph = Graph(model, "floor", "cpu", Metrics())
        shape = [size or 1 for size in self._graph.inputs[0].shape]
        self._feed = np.random.default_rng(0).random(shape, np.float32)
        self.cpu_s, self.calls = 0.0, 0
        self.run()
        self.cpu_s, self.calls = 0.0, 0

    def run(self) -> None:
        """One bare call."""
        begun = time.thread_time()
        self._graph.run((), self._feed)
        self.cpu_s += time.thread_time() - begun
        self.calls += 1

    def spread(self, seconds: float, calls: int) -> None:
        """`calls` of them within `seconds`."""
        begun = time.monotonic()
        for number in range(calls):
            time.sleep(max(0.0, begun + seconds * number / calls - time.monotonic()))
            self.run()
        time.sleep(max(0.0, begun + seconds - time.monotonic()))


def live(
    urls: Sequence[str], caller: Caller, calls: int, seconds: float, keep: Path | None
) -> None:
    """Read all cameras for `seconds` after all have shown a picture."""
    kept = [keep / f"{number}.mkv" if keep else None for number in range(len(urls))]
    readers = [Reader(url, path) for url, path in zip(urls, kept, strict=True)]
    for reader in readers:
        reader.thread.start()
    until = time.monotonic() + READY_S
    while not all(reader.frames for reader in readers):
        if time.monotonic() > until:
            raise SystemExit("not all cameras gave a picture")
        time.sleep(0.1)
    time.sleep(SETTLE_S)
    frames, cpu = sum(reader.frames for reader in readers), _cpu_s()
    caller.spread(seconds, calls)
    _tell(_cpu_s() - cpu, caller, sum(r.frames for r in readers) - frames)
    for reader in readers:
        reader.stop = True
    for reader in readers:
        reader.thread.join(5.0)


def stored(files: Sequence[Path], caller: Caller, calls: int) -> None:
    """Decode what `live` kept, one file after the other, then make the calls."""
    cpu, frames = _cpu_s(), 0
    for path in files:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            video.thread_count = 1
            for packet in container.demux(video):
                frames += len(packet.decode())
    for _ in range(calls):
        caller.run()
    _tell(_cpu_s() - cpu, caller, frames)


def _cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def _tell(cpu_s: float, caller: Caller, frames: int) -> None:
    said = {"video_cpu_s": cpu_s - caller.cpu_s, "frames": frames}
    print(json.dumps({**said, "model_cpu_s": caller.cpu_s, "calls": caller.calls}), flush=True)


def main() -> None:
    """One measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("live", "stored"))
    parser.add_argument("places", nargs="+", help="addresses, or the files kept")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--keep", type=Path, help="folder for the packets that pass")
    args = parser.parse_args()
    caller = Caller(args.model)
    if args.kind == "live":
        live(args.places, caller, args.calls, args.seconds, args.keep)
    else:
        stored([Path(place) for place in args.places], caller, args.calls)


if __name__ == "__main__":
    main()
