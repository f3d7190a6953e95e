"""Live video in the api process: opened with a stream's first reader, let go with the last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from hub.kit.clock import Clock
from hub.kit.errors import Conflict, HubError, NotFound, Retryable
from hub.kit.supervise import Backoff, keep
from hub.live.channel import Channel
from hub.live.items import Described, Fault, Fragment, Init, Item, Piece
from hub.live.link import Link
from hub.live.readers import FragmentReader, Queue, Reader
from hub.live.still import Still, still
from hub.live.wire import Wish
from hub.types.media import Packet, StreamInfo, StreamRole

__all__ = [
    "Described",
    "Fault",
    "Find",
    "Fragment",
    "FragmentReader",
    "Init",
    "Item",
    "Piece",
    "Reader",
    "Relay",
    "Still",
    "first_keyframe",
]

Find = Callable[[str], Awaitable[str | None]]
"""Camera id to the address of its worker (`unix:/path`, `tcp:host:port`); None: not watched."""

GRACE_S = 2.0
"""A stream stays open so long after its last reader: pages change, the next one wants it too."""
LOOK_S = 1.0
READ_S = 0.1
"""Workers are read so often, at moments that are multiples of it: an operator's wall shows no more
than that, and one wake-up of the process takes in what came of all streams."""
READ_LATE_S = 0.02
"""Past such a moment, so that walls, which read at it themselves, need no second wake-up."""
READ_EAGERLY_S = 0.02
"""While somebody reads packets as they come (one enlarged camera, a picture) or waits for a first
picture."""
READ_AGAIN_S = 0.005
MUCH_BYTES = 128 << 10
"""After so much from one worker: a socket holds some 230 kB, and the rest waits for the room."""
PICTURE_S = 6.0
_PATIENCE = Backoff(first_s=0.2, eager_cap_s=1.0, cap_s=2.0)


class Relay:
    """Streams by camera, role and form, fetched once however many read; all on one event loop.

    async with relay.watch("c1", StreamRole.SUB) as reader:
        async for item in reader: ...

    A camera with one stream gives it to those who ask for its sub stream too.
    """

    def __init__(
        self,
        find: Find,
        clock: Clock,
        *,
        grace_s: float = GRACE_S,
    ) -> None:
        self._find = find
        self._clock = clock
        self._grace_s = grace_s
        self._channels: dict[Wish, Channel] = {}
        self._homes: dict[Queue[Any], Channel] = {}
        self._links: dict[str, tuple[Link, asyncio.Task[None]]] = {}
        self._placed: dict[Wish, Link] = {}
        self._leaving: dict[Wish, asyncio.TimerHandle] = {}
        self._wanted = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._hurry_until = 0.0
        self._came_much = False
        self._closed = False

    def watch(self, camera: str, role: StreamRole) -> Reader:
        """A reader of packets, to be entered."""
        return Reader((camera, role), self._clock, self)

    def fragments(self, camera: str, role: StreamRole) -> FragmentReader:
        """A reader of fragments, to be entered; the worker muxes them, once for this process."""
        return FragmentReader((camera, role), self._clock, self)

    async def picture(self, camera: str, role: StreamRole) -> Still:
        """The newest keyframe.

        Raises NotFound (`not_watched`), Conflict (`masked_busy`), else Retryable (`worker_gone`,
        `no_picture`).
        """
        async with self.watch(camera, role) as reader:
            try:
                async with asyncio.timeout(PICTURE_S):
                    info, keyframe = await first_keyframe(reader)
            except TimeoutError:
                raise Retryable(f"no picture came of {camera}", code="no_picture") from None
        return await asyncio.to_thread(still, info, keyframe)

    def read(self) -> None:
        """Take in what has come from all workers; it happens by itself too, a little later."""
        # A list: what is heard may let go of a link.
        taken = [link.read() for link, _ in list(self._links.values())]
        self._came_much = max(taken, default=0) >= MUCH_BYTES
        self._wind()

    def _wind(self) -> None:
        """Set the one timer to when the workers are read next, if nobody reads them before."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._links and not self._closed:
            loop = asyncio.get_running_loop()
            period_s = self._period_s(loop.time())
            late_s = READ_LATE_S if period_s == READ_S else 0.0
            next_s = (loop.time() // period_s + 1) * period_s + late_s
            self._reading = loop.call_at(next_s, self.read)

    def _period_s(self, now: float) -> float:
        if self._came_much:
            return READ_AGAIN_S
        hurries = now < self._hurry_until
        is_eager = any(
            channel.is_read_by_packets or (hurries and channel.is_empty)
            for channel in self._channels.values()
        )
        return READ_EAGERLY_S if is_eager else READ_S

    async def close(self) -> None:
        """End all readers and let go of all workers."""
        self._closed = True
        if self._reading is not None:
            self._reading.cancel()
        for timer in self._leaving.values():
            timer.cancel()
        for reader in list(self._homes):
            reader.end()
        tasks = [task for _, task in self._links.values()]
        if self._looking is not None:
            tasks.append(self._looking)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._links.clear()

    def enter(self, reader: Queue[Any]) -> None:
        """A reader comes."""
        if self._closed:
            reader.end()
            return
        self._give(reader, Wish(*reader.key, reader.form))
        if self._looking is None:
            self._looking = asyncio.create_task(keep("live", self._look, self._clock))

    def leave(self, reader: Queue[Any]) -> None:
        """A reader goes; its stream a little later, unless another comes."""
        channel = self._homes.pop(reader, None)
        if channel is None:
            return
        channel.remove(reader)
        if not channel.readers and not self._closed:
            later = asyncio.get_running_loop().call_later
            self._leaving[channel.wish] = later(self._grace_s, self._let_go, channel)

    def _give(self, reader: Queue[Any], wish: Wish) -> None:
        if (timer := self._leaving.pop(wish, None)) is not None:
            timer.cancel()
        channel = self._channels.get(wish)
        if channel is None:
            channel = self._channels[wish] = Channel(wish)
            self._wanted.set()
        self._homes[reader] = channel
        channel.add(reader)
        if channel.is_empty:
            self._hurry_until = asyncio.get_running_loop().time() + PICTURE_S
        if channel.is_empty or isinstance(reader, Reader):
            self._wind()

    def _let_go(self, channel: Channel) -> None:
        self._leaving.pop(channel.wish, None)
        self._channels.pop(channel.wish, None)
        self._unplace(channel)

    async def _look(self) -> float:
        """See where the cameras are: once a second, at once when another is wanted."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), LOOK_S if self._channels else None)
        self._wanted.clear()
        for channel in list(self._channels.values()):
            address = await self._find(channel.wish.camera)
            if self._channels.get(channel.wish) is channel:
                self._place(channel, address)
        return 0.0

    def _place(self, channel: Channel, address: str | None) -> None:
        link = self._placed.get(channel.wish)
        if link is not None and link.address == address:
            return
        self._unplace(channel)
        if address is None:
            channel.tell(Fault("not_watched", f"no worker watches {channel.wish.camera} now"))
        else:
            self._placed[channel.wish] = link = self._link(address)
            link.open(channel)

    def _unplace(self, channel: Channel) -> None:
        link = self._placed.pop(channel.wish, None)
        if link is None:
            return
        link.close(channel)
        if link.idle:
            _, task = self._links.pop(link.address)
            task.cancel()

    def _link(self, address: str) -> Link:
        if address not in self._links:
            link = Link(address, self._on_fault)
            keeping = keep(f"live {address}", link.step, self._clock, backoff=_PATIENCE)
            self._links[address] = link, asyncio.create_task(keeping)
            self._wind()
        return self._links[address][0]

    def _on_fault(self, channel: Channel, fault: Fault) -> None:
        wish = channel.wish
        if fault.code != "no_such_stream" or wish.role is StreamRole.MAIN:
            channel.tell(fault)
            return
        for reader in channel.readers:
            channel.remove(reader)
            self._give(reader, wish._replace(role=StreamRole.MAIN))
        if (timer := self._leaving.get(wish)) is not None:
            timer.cancel()
        self._let_go(channel)


async def first_keyframe(reader: Reader) -> tuple[StreamInfo, Packet]:
    """What a reader that was just entered begins with; raises what `Relay.picture` does."""
    info: StreamInfo | None = None
    async for item in reader:
        if isinstance(item, Described):
            info = item.info
        elif isinstance(item, Fault):
            raise _refusal(item)
        elif info is not None and item.keyframe:
            return info, item
    raise Retryable("the relay was closed", code="worker_gone")


def _refusal(fault: Fault) -> HubError:
    kind = {"not_watched": NotFound, "masked_busy": Conflict}.get(fault.code, Retryable)
    return kind(fault.detail or fault.code, code=fault.code)
