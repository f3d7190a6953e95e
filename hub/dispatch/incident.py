"""The lives of incidents, tasks and whistles: who may do what when, and what is required.

Nothing else knows what may follow. `docs/ref/incident-life.md` is written from these tables.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.dispatch.lives import HUB, Lives, Move, Need, State, Verb, Who
from hub.types.staff import Role
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState, TaskAction, TaskState

_I = IncidentState
_T = TaskState
_W = WhistleState

VERB_OF = {
    TaskAction.ACCEPT: Verb.ACCEPT,
    TaskAction.TAKE_OVER: Verb.TAKE_OVER,
    TaskAction.ON_WAY: Verb.SET_OUT,
    TaskAction.ON_SCENE: Verb.ARRIVE,
    TaskAction.DONE: Verb.FINISH,
}

_DESK = (Role.OPERATOR, Role.SHIFT_LEADER)
_REPORTERS = (Role.WORKER, Role.CHIEF, *_DESK, Role.DEPARTMENT, Role.CENTRE)
_SENDERS = (Role.DISPATCHER, Role.SHIFT_LEADER, Role.CHIEF)
_FILERS = (Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER)
_FIELD = (Role.WORKER, Role.CHIEF, Role.CENTRE)
"""Who goes there; the centre's program says it for those whom its own queue sent."""
_GROUND = (Role.WORKER, Role.CHIEF, Role.DISPATCHER)
"""Who knows what keeps it from being done in time: those who go, and whoever sent them."""
_RETURNERS = (*_GROUND, Role.CENTRE)
_JUDGES = (Role.SUPERVISOR, Role.CHIEF, Role.SHIFT_LEADER, Role.OPERATOR)
_RATERS = (*_DESK, Role.SUPERVISOR, Role.ASSESSOR)
_REOPENERS = (Role.SUPERVISOR, Role.DISPATCHER, Role.SHIFT_LEADER)
_SECONDS = (Role.SHIFT_LEADER, Role.SUPERVISOR)
"""Who says yes to what others ask for; none of them asks for it."""
_VOIDERS = (Role.OPERATOR, Role.DISPATCHER)
_CALLERS = (Role.DISPATCHER, Role.SHIFT_LEADER, Role.CHIEF, Role.OPERATOR)
_DEPARTMENT = (Role.DEPARTMENT,)

_PLEA = (Need.REASON, Need.SECOND)
_DONE = (Need.DISPOSITION, Need.EVIDENCE)
_CHECKED = (Need.OTHER_PERSON, *_DONE)

Line = tuple[Verb, State | None, Iterable[Who], Iterable[Need]]


def _moves(
    starts: Iterable[State | None], *lines: Line[State], seconds: Iterable[Role] = ()
) -> list[Move[State]]:
    return [
        Move(start, verb, end, frozenset(who), frozenset(needs), frozenset(seconds))
        for start in starts
        for verb, end, who, needs in lines
    ]


def _stay(
    states: Iterable[IncidentState],
    verb: Verb,
    who: Iterable[Role],
    *needs: Need,
    seconds: Iterable[Role] = (),
) -> list[Move[IncidentState]]:
    """Moves after which an incident is where it was."""
    return [
        Move(state, verb, state, frozenset(who), frozenset(needs), frozenset(seconds))
        for state in states
    ]


_OUT = (_I.ACCEPTED, _I.ON_WAY, _I.ON_SCENE)
"""Somebody is on it."""

INCIDENTS: Lives[IncidentState] = Lives(
    "incident",
    [
        *_moves(
            [None],
            (Verb.REPORT, _I.REPORTED, _REPORTERS, ()),
            (Verb.FILE, _I.FILED, (HUB,), ()),
            (Verb.SPLIT, _I.FILED, _FILERS, ()),
        ),
        *_moves(
            [_I.REPORTED],
            # The hub triages what a worker reports and has handled on the spot.
            (Verb.TRIAGE, _I.TRIAGED, (*_DESK, Role.CHIEF, HUB), ()),
        ),
        *_moves(
            [_I.TRIAGED],
            (Verb.FILE, _I.FILED, _FILERS, ()),
            (Verb.SETTLE, _I.HANDLED, (Role.WORKER, Role.CHIEF, *_DESK), _DONE),
        ),
        *_moves(
            [_I.FILED],
            (Verb.DISPATCH, _I.DISPATCHED, (HUB, *_SENDERS), ()),
            # All its alerts were dismissed by people while it waited.
            (Verb.LAPSE, _I.VOID, (HUB,), ()),
        ),
        *_moves(
            [_I.DISPATCHED],
            (Verb.ACCEPT, _I.ACCEPTED, _FIELD, ()),
            (Verb.RETURN, _I.RETURNED, _RETURNERS, (Need.REASON,)),
        ),
        *_moves([_I.RETURNED], (Verb.FILE, _I.FILED, _FILERS, ())),
        *_moves([_I.ACCEPTED], (Verb.SET_OUT, _I.ON_WAY, _FIELD, ())),
        *_moves([_I.ACCEPTED, _I.ON_WAY], (Verb.ARRIVE, _I.ON_SCENE, _FIELD, ())),
        *_moves(
            _OUT,
            (Verb.FINISH, _I.HANDLED, _FIELD, (Need.DISPOSITION,)),
            # Whoever had it went off duty: another of the ground goes, or the desk asks anew.
            (Verb.TAKE_OVER, _I.ACCEPTED, _FIELD, ()),
            (Verb.REASSIGN, _I.DISPATCHED, _SENDERS, (Need.REASON,)),
        ),
        *_moves(
            _OUT,
            (Verb.SUSPEND, _I.SUSPENDED, _GROUND, _PLEA),
            seconds=_SECONDS,
        ),
        *_moves([_I.SUSPENDED], (Verb.RESUME, None, (*_GROUND, Role.SHIFT_LEADER), ())),
        *_moves(
            [_I.HANDLED],
            (Verb.VERIFY, _I.VERIFYING, (HUB, *_JUDGES), (Need.OTHER_PERSON,)),
            # Self-handled, and the lot did not fall on it.
            (Verb.CLOSE, _I.CLOSED, (HUB,), (*_DONE, Need.LEAD_DONE)),
        ),
        *_moves(
            [_I.VERIFYING],
            (Verb.PASS, _I.CLOSED, _JUDGES, (*_CHECKED, Need.LEAD_DONE)),
            (Verb.REWORK, _I.REWORK, _JUDGES, (Need.OTHER_PERSON, Need.REASON)),
        ),
        *_moves([_I.REWORK], (Verb.DISPATCH, _I.DISPATCHED, (HUB,), ())),
        *_moves(
            [_I.CLOSED],
            (Verb.REOPEN, _I.DISPATCHED, _REOPENERS, (Need.REASON,)),
            (Verb.ARCHIVE, _I.ARCHIVED, (HUB, Role.SHIFT_LEADER, Role.ASSESSOR), ()),
        ),
        *_moves([_I.ARCHIVED], (Verb.RATE, _I.EVALUATED, _RATERS, (Need.OTHER_PERSON,))),
        *_moves(
            [_I.REPORTED, _I.TRIAGED, _I.FILED, _I.DISPATCHED, *_OUT],
            (Verb.VOID, _I.VOID, _VOIDERS, _PLEA),
            seconds=_SECONDS,
        ),
        *_moves(
            [_I.TRIAGED, _I.FILED, _I.RETURNED],
            (Verb.MERGE, _I.MERGED, _FILERS, ()),
        ),
        *_stay(
            [_I.REPORTED, _I.TRIAGED, _I.FILED, _I.RETURNED],
            Verb.HAND_OVER,
            _SENDERS,
            Need.REASON,
        ),
        *_moves(
            [_I.DISPATCHED, _I.ACCEPTED, _I.ON_WAY],
            (Verb.HAND_OVER, _I.DISPATCHED, _SENDERS, (Need.REASON,)),
        ),
        *_stay([_I.FILED, _I.RETURNED, _I.DISPATCHED, *_OUT], Verb.SPLIT, _FILERS),
        *_stay(
            [_I.REPORTED, _I.TRIAGED, _I.FILED, _I.RETURNED, _I.DISPATCHED, *_OUT, _I.SUSPENDED],
            Verb.CLASSIFY,
            (*_DESK, Role.CHIEF),
            Need.REASON,
        ),
        # Whoever it concerns is often asked before the days of the archive are over.
        *_stay([_I.CLOSED], Verb.RATE, _RATERS, Need.OTHER_PERSON),
        *_stay(
            [_I.DISPATCHED, *_OUT, _I.SUSPENDED], Verb.EXTEND, _GROUND, *_PLEA, seconds=_SECONDS
        ),
    ],
)

_UNREAD = (_T.QUEUED, _T.DELIVERED)
GOING = (_T.ACCEPTED, _T.ON_WAY, _T.ON_SCENE)
"""Whoever accepted goes there."""

TASKS: Lives[TaskState] = Lives(
    "task",
    [
        *_moves([_T.QUEUED], (Verb.DELIVER, _T.DELIVERED, (HUB,), ())),
        # A worker may accept before the relay has seen the acknowledgement: both are true.
        *_moves(
            _UNREAD,
            (Verb.ACCEPT, _T.ACCEPTED, _FIELD, ()),
        ),
        *_moves([_T.ACCEPTED], (Verb.SET_OUT, _T.ON_WAY, _FIELD, ())),
        *_moves([_T.ACCEPTED, _T.ON_WAY], (Verb.ARRIVE, _T.ON_SCENE, _FIELD, ())),
        *_moves(
            GOING,
            (Verb.FINISH, _T.DONE, _FIELD, ()),
            (Verb.TAKE_OVER, _T.ACCEPTED, _FIELD, ()),
        ),
        # Nobody voids a task: the hub does, when its incident is given back, given anew or void.
        *_moves([*_UNREAD, *GOING], (Verb.VOID, _T.VOID, (HUB,), ())),
    ],
)

CALLED_IN = frozenset(
    {_I.TRIAGED, _I.FILED, _I.DISPATCHED, _I.RETURNED, *_OUT, _I.SUSPENDED, _I.HANDLED}
)
"""In these states of an incident departments are called for it."""

_ON_IT = (_W.CONTACTED, _W.SENT_BACK)

WHISTLES: Lives[WhistleState] = Lives(
    "whistle",
    [
        # The hub calls by itself where the class of the incident says so.
        *_moves([None], (Verb.CALL, _W.CALLED, (HUB, *_CALLERS), ())),
        *_moves([_W.CALLED], (Verb.SIGN, _W.SIGNED, _DEPARTMENT, ())),
        *_moves([_W.SIGNED], (Verb.CONTACT, _W.CONTACTED, _DEPARTMENT, ())),
        *_moves(
            # That it is not theirs they may learn from whoever they contact.
            [_W.CALLED, _W.SIGNED, _W.CONTACTED],
            (Verb.REFUSE, _W.REFUSED, _DEPARTMENT, (Need.REASON,)),
        ),
        *_moves(_ON_IT, (Verb.REPORT, _W.REPORTED, _DEPARTMENT, (Need.DISPOSITION,))),
        *_moves(
            [_W.REPORTED],
            (Verb.ACCEPT, _W.ACCEPTED, _CALLERS, (Need.OTHER_PERSON,)),
            (Verb.SEND_BACK, _W.SENT_BACK, _CALLERS, (Need.OTHER_PERSON, Need.REASON)),
        ),
        *_moves(
            [_W.CALLED, _W.SIGNED, *_ON_IT, _W.REPORTED],
            # The hub withdraws who only helps when the incident is closed.
            (Verb.WITHDRAW, _W.WITHDRAWN, (HUB, *_CALLERS), (Need.CALLER,)),
            # Its incident is void, or went into another.
            (Verb.VOID, _W.VOID, (HUB,), ()),
        ),
    ],
)
