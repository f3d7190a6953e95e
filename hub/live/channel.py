"""One stream in the api process: taken in once, muxed once, given to all who read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from hub.kit.errors import HubError
from hub.live.items import Described, Fault, Fragment, Init, Item, Piece
from hub.live.readers import FragmentReader, Queue, Reader
from hub.live.wire import Carried, Key
from hub.types.media import Packet, StreamInfo

GOP_BYTES_MAX = 16 << 20
"""A longer group of pictures is not kept for readers to come: they begin at its end."""


class Muxer(Protocol):
    """Packets of one generation to fragments (live/fmp4.py)."""

    def init(self) -> Init:
        """What a decoder wants first."""
        ...

    def fragment(self, packet: Packet) -> Fragment:
        """One picture."""
        ...


MakeMuxer = Callable[[StreamInfo], Muxer]
"""Raises HubError for a stream that cannot be muxed."""


class Channel:
    """A stream's readers and what a new one begins with. One event loop.

    Fragments are made while somebody reads them, packets that nobody muxes cost nothing more.
    """

    def __init__(self, key: Key, make_muxer: MakeMuxer) -> None:
        self.key = key
        self._make_muxer = make_muxer
        self._readers: list[Reader] = []
        self._fragment_readers: list[FragmentReader] = []
        self._generation = -1
        self._info: StreamInfo | None = None
        self._gop: list[Packet] = []
        self._gop_bytes = 0
        self._muxer: Muxer | None = None
        self._pieces: list[Piece] = []
        self._fault: Fault | None = None

    @property
    def readers(self) -> Sequence[Queue[Any]]:
        """All who read it."""
        return [*self._readers, *self._fragment_readers]

    @property
    def is_read_by_packets(self) -> bool:
        """Somebody wants each packet as it comes."""
        return bool(self._readers)

    @property
    def is_empty(self) -> bool:
        """Nothing has come yet, and nobody has said why."""
        return self._info is None and self._fault is None

    def add(self, reader: Queue[Any]) -> None:
        """One more: the description, everything since the last keyframe, or what is wrong."""
        if isinstance(reader, FragmentReader):
            self._fragment_readers.append(reader)
            if self._muxer is None and self._info is not None:
                self._mux_what_is_kept()
            pieces: list[Piece] = [*self._pieces]
            reader.begin(pieces or self._faults())
        elif isinstance(reader, Reader):
            self._readers.append(reader)
            items: list[Item] = [*self._gop]
            if self._info is not None:
                items.insert(0, Described(self._info))
            reader.begin(items or self._faults())

    def remove(self, reader: Queue[Any]) -> None:
        """One less."""
        if isinstance(reader, FragmentReader):
            self._fragment_readers = [r for r in self._fragment_readers if r is not reader]
            if not self._fragment_readers:
                self._muxer, self._pieces = None, []
        else:
            self._readers = [r for r in self._readers if r is not reader]

    def _faults(self) -> list[Any]:
        return [self._fault] if self._fault is not None else []

    def describe(self, info: StreamInfo) -> None:
        """Another stream begins: its times have nothing to do with those before."""
        self._generation += 1
        self._info = info = replace(info, generation=self._generation)
        self._fault = None
        self._gop, self._gop_bytes = [], 0
        for reader in self._readers:
            reader.put(Described(info))
        self._muxer, self._pieces = None, []
        if self._fragment_readers:
            self._begin_muxing(info)

    def take(self, carried: Carried) -> None:
        """One packet from the worker."""
        info = self._info
        if info is None:
            return
        packet = Packet(
            *self.key,
            carried.data,
            carried.keyframe,
            carried.media_s,
            carried.dts_s,
            carried.captured_at,
            carried.received_at,
            carried.reanchored,
            info.generation,
        )
        self._keep(packet)
        for reader in self._readers:
            reader.put(packet)
        if self._muxer is not None:
            self._mux(self._muxer, packet, carried.gap)

    def _keep(self, packet: Packet) -> None:
        if packet.keyframe:
            self._gop, self._gop_bytes = [], 0
        elif not self._gop:
            return
        self._gop.append(packet)
        self._gop_bytes += len(packet.data)
        if self._gop_bytes > GOP_BYTES_MAX:
            self._gop = []
            self._pieces = [piece for piece in self._pieces if isinstance(piece, Init)]

    def _mux(self, muxer: Muxer, packet: Packet, gap: bool) -> None:
        fragment = muxer.fragment(packet)
        if packet.keyframe:
            self._pieces = [self._pieces[0]]
        if self._gop:
            self._pieces.append(fragment)
        if gap:
            fragment = fragment._replace(gap=True)
        for reader in self._fragment_readers:
            reader.put(fragment)

    def _begin_muxing(self, info: StreamInfo) -> None:
        try:
            self._muxer = self._make_muxer(info)
            self._pieces = [self._muxer.init()]
        except HubError as error:
            # Told again to each who comes, until the camera sends something else.
            self._muxer, self._pieces = None, [Fault(error.code, str(error))]
        for reader in self._fragment_readers:
            reader.put(self._pieces[0])

    def _mux_what_is_kept(self) -> None:
        if self._info is not None and not self._pieces:
            before, self._fragment_readers = self._fragment_readers, []
            self._begin_muxing(self._info)
            self._fragment_readers = before
            if self._muxer is not None:
                self._pieces += [self._muxer.fragment(packet) for packet in self._gop]

    def tell(self, fault: Fault) -> None:
        """There is nothing now; what was before is not shown to those who come meanwhile."""
        if fault == self._fault:
            return
        self._fault = fault
        self._info = None
        self._gop, self._gop_bytes = [], 0
        self._muxer, self._pieces = None, []
        for reader in self.readers:
            reader.put(fault)
