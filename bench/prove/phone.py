"""Figure 6: a phone that was offline for eight hours says everything three times, out of order.

As the outbox of `web/src/features/tasks` does it: a key for each word and each photo; the words of
one task keep their order until they are answered, tasks and photos come in any order. Answers
that are lost make the phone say everything again, now in any order at all.
"""

from __future__ import annotations

import io
import random
import time
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from PIL import Image
from sqlalchemy import select

from bench.chaos import until
from bench.prove.counter import WAIT_S, Counter, counter, issue
from bench.prove.figures import Line
from bench.prove.installation import Installation
from hub.access.actions import Role
from hub.kit.clock import iso
from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import task_actions, tasks

WORDS = ("accept", "on-way", "on-scene", "done")
VERBS = {"accept": "accept", "on-way": "set_out", "on-scene": "arrive", "done": "finish"}
ACTIONS, PHOTOS = 50, 100
OFFLINE_S = 8 * 3600.0
TIMES = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One word or photo in the phone's outbox."""

    task: str
    word: str
    key: str
    at: str
    picture: bytes = b""


def phone(place: Installation, seed: int) -> list[Line]:
    """Figure 6."""
    rng = random.Random(seed)
    with counter(place, "phone") as desk:
        count = -(-ACTIONS // len(WORDS))
        desk.raise_alerts(count)
        until(lambda: len(_tasks(desk)) >= count, WAIT_S, "the tasks")
        outbox = _outbox(sorted(_tasks(desk))[:count], time.time())
        token = issue(desk.db, "who was offline", (Role.WORKER,))
        with desk.client(token) as http:
            answers = [_say(http, item) for item in _interleaved(outbox, rng)]
            for _ in range(TIMES - 1):
                answers += [_say(http, item) for item in rng.sample(outbox, len(outbox))]
        return [
            Line(6, f"answers with success, of {TIMES} × {len(outbox)}", sum(answers),
                 TIMES * len(outbox), exactly=True),
            *_compared(desk, outbox),
        ]  # fmt: skip


def _tasks(desk: Counter) -> set[str]:
    with desk.db.read() as tx:
        return set(tx.execute(select(tasks.c.id)).scalars())


def _outbox(ids: Sequence[str], now: float) -> list[Item]:
    """50 words and 100 photos, said in the eight hours before now."""
    words = [(task, word) for task in ids for word in WORDS][:ACTIONS]
    found = []
    for number, (task, word) in enumerate(words):
        at = now - OFFLINE_S * (1 - number / ACTIONS)
        found.append(Item(task, word, f"word-{number:03}-{task}", iso(at)))
    for number in range(PHOTOS):
        task = ids[number % (len(ids) - 1)]
        found.append(Item(task, "photo", f"photo-{number:03}-{task}", "", _picture(number)))
    return found


def _picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (number, 200 - number, 90)).save(out, "JPEG")
    return out.getvalue()


def _interleaved(outbox: Sequence[Item], rng: random.Random) -> list[Item]:
    """Any order, but each task's words in theirs."""
    shuffled = rng.sample(outbox, len(outbox))
    words = {item.task: iter([w for w in outbox if w.task == item.task and w.word in WORDS])
             for item in outbox}  # fmt: skip
    return [next(words[item.task]) if item.word in WORDS else item for item in shuffled]


def _say(http: httpx.Client, item: Item) -> bool:
    headers = {"Idempotency-Key": item.key}
    path = f"/tasks/{item.task}"
    if item.word == "photo":
        files = {"photo": ("photo.jpg", item.picture, "image/jpeg")}
        answer = http.post(f"{path}/photos", files=files, headers=headers)
    elif item.word == "done":
        said = {"note": "cleared", "at": item.at}
        answer = http.post(f"{path}/done", data=said, headers=headers)
    else:
        answer = http.post(f"{path}/{item.word}", json={"at": item.at}, headers=headers)
    return answer.is_success


def _compared(desk: Counter, outbox: Sequence[Item]) -> list[Line]:
    """What stands in the database against what the phone holds, by key, task and photo."""
    mine = {item.task for item in outbox}
    with desk.db.read() as tx:
        keys = Tally(tx.execute(select(task_actions.c.key)).scalars())
        photos = {row.key: row.result for row in tx.execute(
            select(task_actions).where(task_actions.c.action == "photo"))}  # fmt: skip
        log = Tally(
            (row.entity_id, row.what)
            for row in tx.execute(select(transitions).where(transitions.c.entity == "task"))
        )
        kept = [id_ for row in tx.execute(select(tasks)) if row.id in mine for id_ in row.photo_ids]
    said = {item.key for item in outbox}
    words = {(item.task, VERBS[item.word]) for item in outbox if item.word in VERBS}
    done = {item.task for item in outbox if item.word == "done"}
    due = {
        photos.get(item.key, "") for item in outbox if item.word == "photo" and item.task in done
    }
    return [
        Line(6, "words and photos that are not in the database", len(said - set(keys)), 0),
        Line(6, "kept more than once", sum(n - 1 for n in keys.values()), 0),
        Line(6, "words that moved no task", len(words - set(log)), 0),
        Line(
            6, "words that moved a task twice", sum(log[word] - 1 for word in words & set(log)), 0
        ),
        Line(6, "photos that their task does not have", len(due - set(kept)), 0),
        Line(6, "photos that a task has twice", len(kept) - len(set(kept)), 0),
    ]
