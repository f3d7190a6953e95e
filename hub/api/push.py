"""The change feed, pushed: over WebSocket and as server-sent events, to be resumed at any point.

The feed is a table; a reader keeps nothing but the number of the last event it was given, so a
reader that comes back with that number gets every later event once. A slow reader holds up only
itself: the next rows are read when it has taken the last ones.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

import anyio
from fastapi import Depends, Header, Query, WebSocket
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect, WebSocketState

from hub.access.actions import Action, Subject
from hub.access.rules import covers
from hub.access.rules import may as is_allowed
from hub.api.deps import Deps
from hub.api.guard import (
    Asked,
    Asker,
    Credentials,
    SocketGuard,
    closed_with,
    domain,
    host_of,
    may,
)
from hub.api.reach import reach
from hub.kit.clock import iso
from hub.kit.errors import Forbidden, HubError, Retryable
from hub.store import feed

BATCH = 200
POLL_S = 1.0
"""The bell only shortens this: a lost ring costs at most so much."""
ALIVE_S = 15.0
RECHECK_S = 1.0
"""A right that ends also ends its streams: after this time nothing more goes out."""
FIRST_MESSAGE_S = 5.0
SEND_S = 10.0
"""A reader that takes nothing for so long is cut off; it resumes where it was."""
PROTOCOL = "hub.v1"

TOPICS: Mapping[str, Action] = MappingProxyType(
    {
        "alert": Action.ALERTS_READ,
        "mute": Action.MUTES_READ,
        "incident": Action.INCIDENTS_READ,
        "task": Action.TASKS_READ,
        "whistle": Action.WHISTLES_READ,
        "supervision": Action.SUPERVISIONS_READ,
        "camera": Action.CAMERAS_READ,
        "sensor": Action.SENSORS_READ,
        "broker": Action.SENSORS_READ,
        "rule": Action.RULES_READ,
        "grid": Action.GRIDS_READ,
        "health": Action.HEALTH_READ,
        "notice": Action.SELF_CHANNELS,
        "drill": Action.DRILLS_READ,
    }
)
"""What a reader must be allowed to see of which topic; a topic that is missing reaches nobody."""
PRIVATE = frozenset({"notice"})
"""Told to one account; where the name of it is erased, to nobody."""

router = domain("feed")


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing happens, but the line lives."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Load everything anew; what follows `seq` is told without a gap.

    For a reader without a number, or whose next event is no longer kept (or whose number is not of
    this feed). It is the first thing said, and said only once the number is fixed: whatever happens
    after a reader begins to load is also told.
    """

    seq: int


Said = feed.Change | Reset | Alive


class Hello(BaseModel):
    """First message of a WebSocket that came with neither token nor cookie."""

    model_config = ConfigDict(extra="forbid")
    token: str
    after: int | None = None


def visible(change: feed.Change, subject: Subject) -> bool:
    """Whether an event is for this reader: by whom it tells, of what, and of which place.

    What is of the whole site is for all who may see such things at all.
    """
    action = TOPICS.get(change.topic)
    if action is None or not is_allowed(action, subject):
        return False
    if change.topic in PRIVATE or change.account is not None:
        return change.account is not None and change.account == subject.account
    if change.path is None or reach(action, subject).covers(change.path):
        return True
    return any(covers(action, subject, change.path, unit) for unit in change.units)


class Stream:
    """One reader's way through the feed; ends by Forbidden once `asker` is refused."""

    def __init__(self, asker: Asker, after: int | None) -> None:
        self._deps: Deps = asker.deps
        self._admit = asker.admit
        self._after = after
        self._checked_at = self._deps.clock.monotonic()

    async def events(self) -> AsyncGenerator[Said, None]:
        """Every visible event once and in order, and what is said beside them."""
        subject = await run_in_threadpool(self._admit)
        after = await run_in_threadpool(self._start)
        if after != self._after:
            yield Reset(after)
        quiet_s = 0.0
        while True:
            bell = self._deps.bell.listen()
            batch = await run_in_threadpool(self._read, after)
            for event in batch:
                after = event.seq
                subject = await self._recheck(subject)  # a slow reader takes long for a batch
                if visible(event, subject):
                    quiet_s = 0.0
                    yield event
            if not batch and not await bell.wait(POLL_S):
                quiet_s += POLL_S
            if quiet_s >= ALIVE_S:
                quiet_s = 0.0
                yield Alive()
            subject = await self._recheck(subject)

    async def _recheck(self, subject: Subject) -> Subject:
        now = self._deps.clock.monotonic()
        if now - self._checked_at < RECHECK_S:
            return subject
        self._checked_at = now
        return await run_in_threadpool(self._admit)

    def _start(self) -> int:
        """The number to go on from: the reader's own as long as everything after it is kept."""
        with self._deps.db.read() as tx:
            newest, oldest = feed.latest(tx), feed.oldest(tx)
        if self._after is None or self._after > newest:
            return newest
        return max(self._after, oldest - 1)

    def _read(self, after: int) -> Sequence[feed.Change]:
        with self._deps.db.read() as tx:
            return feed.after(tx, after, BATCH)


def as_json(said: Said) -> dict[str, Any]:
    """What is said as it goes out, on both transports."""
    match said:
        case Alive():
            return {"alive": True}
        case Reset(seq):
            return {"reset": True, "seq": seq}
    return {
        "seq": said.seq,
        "at": iso(said.at),
        "topic": said.topic,
        "id": said.entity_id,
        "body": said.body,
    }


@router.get("/feed/sse", response_class=EventSourceResponse)
async def read_feed(
    asker: Asked,
    _who: Annotated[Subject, may(Action.FEED_READ)],
    after: Annotated[int | None, Query(ge=0)] = None,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """The feed as server-sent events.

    `Last-Event-ID` (or `after`) resumes; with neither, a `reset` says from where it starts.
    """
    start = last_event_id if last_event_id is not None else after
    stream = Stream(asker, start)
    try:
        async with aclosing(stream.events()) as events:
            async for said in events:
                if isinstance(said, Alive):  # the framework says it by itself
                    continue
                name = "reset" if isinstance(said, Reset) else said.topic
                yield ServerSentEvent(id=str(said.seq), event=name, data=as_json(said))
    except (Forbidden, Retryable):
        return  # the stream ends; the reader comes back and is told why


@router.websocket("/feed/ws")
async def feed_socket(
    socket: WebSocket,
    guard: Annotated[SocketGuard, Depends(SocketGuard(Action.FEED_READ))],
    after: int | None = None,
) -> None:
    """The feed over WebSocket.

    By the session's cookie, by the protocols `hub.v1, bearer.<token>`, or by `{token, after}` as
    the first message.
    """
    await socket.accept(PROTOCOL if PROTOCOL in socket.scope["subprotocols"] else None)
    try:
        asker = guard.asker(socket)
        if asker.shown == Credentials():
            with anyio.fail_after(FIRST_MESSAGE_S):
                hello = Hello.model_validate_json(await socket.receive_text())
            asker = guard.asker(socket, Credentials(token=hello.token))
            after = hello.after if hello.after is not None else after
        await run_in_threadpool(asker.admit_free, host_of(socket))
        await _until_gone(socket, Stream(asker, after))
    except WebSocketDisconnect:
        return
    except TimeoutError:
        await _close(socket, 4408, "too slow: nothing was sent or taken in time")
    except ValidationError:
        await _close(socket, 4400, "the first message is {token, after}")
    except Forbidden as error:
        await _close(socket, closed_with(error), str(error))
    except Retryable:
        await _close(socket, 1013, "try again later")


async def _send_all(socket: WebSocket, stream: Stream) -> None:
    async with aclosing(stream.events()) as events:
        async for said in events:
            with anyio.fail_after(SEND_S):
                await socket.send_json(as_json(said))


async def _until_gone(socket: WebSocket, stream: Stream) -> None:
    """Send until the reader has gone, which only a receiver notices while nothing is sent."""
    failure: HubError | TimeoutError | None = None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            await _gone(socket)
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            await _send_all(socket, stream)
        except (HubError, TimeoutError) as error:
            failure = error  # a group would wrap it
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def _gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        continue


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    if socket.application_state is not WebSocketState.DISCONNECTED:
        await socket.close(code, reason[:120])
