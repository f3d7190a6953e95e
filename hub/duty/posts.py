"""Posts: which roles a grid should have, who holds them, and which stand vacant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub.duty import repository
from hub.duty.config import POSTED, DutyConfig
from hub.duty.onduty import Holder
from hub.kit.errors import NotFound, Refused
from hub.kit.ids import Ids
from hub.store.ground import Path, climb
from hub.types.staff import Jurisdiction, Role


@dataclass(frozen=True, slots=True)
class Post:
    """A role on a grid that so many should hold. `id` None: of duty.yaml."""

    grid: str
    role: Role
    wanted: int
    title: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A post with who holds it.

    `known`: it was held once, was set by hand, or a redraw drew its grid where such were held.
    """

    post: Post
    path: Path
    grid_name: str
    holders: tuple[Person, ...]
    known: bool

    @property
    def missing(self) -> int:
        """How many holders it lacks."""
        return max(0, self.post.wanted - len(self.holders))

    @property
    def told(self) -> bool:
        """Whether its vacancy is told: not where nobody was ever meant to be."""
        return self.known and self.missing > 0


@dataclass(frozen=True, slots=True)
class Vacancies:
    """The vacant posts right below one grid; `first` is a post of them, `grid role`."""

    parent: str
    posts: int
    first: str


def standings(
    tx: Connection,
    config: DutyConfig,
    now: float,
    *,
    grid: str | None = None,
    within: Jurisdiction | None = None,
) -> list[Standing]:
    """The posts of the grids valid now with who holds them, by grid and role.

    Of one grid; of those in a jurisdiction. A holder's hours do not matter, nor leave.
    """
    rows = repository.present_grids(tx)
    parents = {row.code: row.parent_code for row in rows}
    by_hand = _by_hand(repository.live_posts(tx, grid))
    held = _held(repository.live_holders(tx, now, grid))
    ever = repository.ever_held(tx, grid) | repository.redrawn(tx)
    found = []
    for row in sorted(rows, key=lambda row: str(row.code)):
        if grid not in (None, row.code):
            continue
        path = climb(row.code, parents)
        if within is not None and not within.covers(path):
            continue
        for post in _of_grid(row, config, by_hand.get(row.code, {})):
            known = post.id is not None or (post.grid, post.role.value) in ever
            people = held.get((post.grid, post.role), ())
            found.append(Standing(post, path, row.name, tuple(people), known))
    return found


def _of_grid(row: Any, config: DutyConfig, by_hand: Mapping[Role, Post]) -> list[Post]:
    ruled = {
        role: Post(row.code, role, spec.wanted, spec.title)
        for role, spec in config.wanted(row.kind, row.tier).items()
    }
    posts = {**ruled, **by_hand}
    # One of the file that was set to nobody is shown: so it can be ended, and the file counts.
    return [posts[role] for role in sorted(posts)]


def _by_hand(rows: Iterable[Any]) -> dict[str, dict[Role, Post]]:
    found: dict[str, dict[Role, Post]] = {}
    for row in rows:
        found.setdefault(row.grid, {})[Role(row.role)] = _post(row)
    return found


def _held(holders: Iterable[Holder]) -> dict[tuple[str, Role], list[Person]]:
    found: dict[tuple[str, Role], dict[str, Person]] = {}
    for holder in holders:
        if holder.grid is not None:
            person = Person(holder.account, holder.name)
            found.setdefault((holder.grid, holder.role), {})[holder.account] = person
    return {post: list(people.values()) for post, people in found.items()}


def vacancies(found: Iterable[Standing]) -> list[Vacancies]:
    """The vacancies to be told, one for each grid above some; a root stands for itself."""
    below: dict[str, list[Standing]] = {}
    for standing in found:
        if standing.told:
            parent = standing.path[-2] if len(standing.path) > 1 else standing.post.grid
            below.setdefault(parent, []).append(standing)
    return [
        Vacancies(parent, len(posts), f"{posts[0].post.grid} {posts[0].post.role}")
        for parent, posts in sorted(below.items())
    ]


def get(tx: Connection, post_id: str) -> Post:
    """One that was set by hand. Raises NotFound."""
    row = repository.post(tx, post_id)
    if row is None:
        raise NotFound(no_post(post_id))
    return _post(row)


def no_post(post_id: str) -> str:
    """What is said of a post that is not there, or not for whoever asks."""
    return f"there is no post {post_id}"


def put(tx: Connection, post: Post, by: str, now: float, ids: Ids) -> Post:
    """Set a post by hand, in place of what stood for this grid and role.

    Raises Refused (`no_posted_role`).
    """
    if post.role not in POSTED:
        raise Refused(f"nobody has to be there as {post.role}", code="no_posted_role")
    repository.end_posts(tx, post.grid, post.role, by, now)
    made = Post(post.grid, post.role, post.wanted, post.title, ids())
    values = {"id": made.id, "grid": made.grid, "role": made.role.value, "title": made.title}
    repository.insert_post(tx, {**values, "wanted": made.wanted, "made_at": now, "made_by": by})
    return made


def end(tx: Connection, post: Post, by: str, now: float) -> None:
    """Take a post back: what duty.yaml says of the grid counts again."""
    repository.end_posts(tx, post.grid, post.role, by, now)


def _post(row: Any) -> Post:
    return Post(row.grid, Role(row.role), row.wanted, row.title, row.id)
