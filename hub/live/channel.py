"""One stream in the api process, as packets or as fragments: taken in once, given to all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hub.live.items import Described, Fault, Fragment, Init
from hub.live.readers import Queue
from hub.live.wire import Carried, Form, Wish
from hub.types.media import Packet, StreamInfo

GOP_BYTES_MAX = 16 << 20
"""A longer group of pictures is not kept for readers to come: they begin at its end."""


class Channel:
    """A stream's readers and what a new one begins with. One event loop."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self._readers: list[Queue[Any]] = []
        self._generation = -1
        self._head: Described | Init | None = None
        self._gop: list[Packet | Fragment] = []
        self._gop_bytes = 0
        self._fault: Fault | None = None

    @property
    def readers(self) -> Sequence[Queue[Any]]:
        """All who read it."""
        return tuple(self._readers)

    @property
    def is_read_by_packets(self) -> bool:
        """Somebody wants each packet as it comes."""
        return self.wish.form is Form.PACKETS and bool(self._readers)

    @property
    def is_empty(self) -> bool:
        """Nothing has come yet, and nobody has said why."""
        return self._head is None and self._fault is None

    def add(self, reader: Queue[Any]) -> None:
        """One more: how it begins, everything since the last keyframe, or what is wrong."""
        self._readers.append(reader)
        begun = self._fault if self._head is None else self._head
        reader.begin([] if begun is None else [begun, *self._gop])

    def remove(self, reader: Queue[Any]) -> None:
        """One less."""
        self._readers = [each for each in self._readers if each is not reader]

    def begin(self, about: StreamInfo | Init) -> None:
        """Another stream begins: its times have nothing to do with those before."""
        self._generation += 1
        if isinstance(about, Init):
            self._head = replace(about, generation=self._generation)
        else:
            self._head = Described(replace(about, generation=self._generation))
        self._fault = None
        self._gop, self._gop_bytes = [], 0
        self._give(self._head)

    def take(self, carried: Carried) -> None:
        """One picture from the worker."""
        if self._head is None:
            return
        item = self._item(carried)
        self._keep(item)
        # Who comes later begins with it, and has lost nothing before.
        self._give(item._replace(gap=True) if carried.gap and type(item) is Fragment else item)

    def _item(self, carried: Carried) -> Packet | Fragment:
        if self.wish.form is Form.FRAGMENTS:
            return Fragment(carried.data, carried.keyframe, carried.media_s, carried.captured_at)
        return Packet(
            *self.wish.key,
            carried.data,
            carried.keyframe,
            carried.media_s,
            carried.dts_s,
            carried.captured_at,
            carried.received_at,
            carried.reanchored,
            self._generation,
        )

    def _keep(self, item: Packet | Fragment) -> None:
        if item.keyframe:
            self._gop, self._gop_bytes = [], 0
        elif not self._gop:
            return
        self._gop.append(item)
        self._gop_bytes += len(item.data)
        if self._gop_bytes > GOP_BYTES_MAX:
            self._gop = []

    def tell(self, fault: Fault) -> None:
        """There is nothing now; what was before is not shown to those who come meanwhile."""
        if fault == self._fault:
            return
        self._fault = fault
        self._head = None
        self._gop, self._gop_bytes = [], 0
        self._give(fault)

    def _give(self, item: Any) -> None:
        for reader in self._readers:
            reader.put(item)
