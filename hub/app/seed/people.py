"""The invented staff of the county: 1,300 accounts and what each of them is there for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hub.access.grants import Grant
from hub.app.seed.ground import COUNTY, Plot
from hub.grids.tree import GridKind
from hub.types.staff import Role

ACCOUNTS, DEPARTMENTS = 1300, 16
WORKERS_MIN = 10
"""Also of a county at a small scale, whose offices alone are more than its share of people."""
UNITS = (
    *("police", "fire", "emergency", "urban", "housing", "water", "land", "environment"),
    *("traffic", "agriculture", "market", "health", "education", "civil", "power", "forestry"),
)
"""The departments of the shipped dispatch.yaml, by id, as grants name them."""
_COUNTY = (
    (Role.ADMIN, 1),
    (Role.CAMERA_ADMIN, 2),
    (Role.PRIVACY, 1),
    (Role.OPERATOR, 10),
    (Role.SHIFT_LEADER, 4),
    (Role.DISPATCHER, 8),
    (Role.SUPERVISOR, 4),
    (Role.ASSESSOR, 2),
)
_TOWN = (Role.CHIEF, Role.SHIFT_LEADER, Role.OPERATOR, Role.DISPATCHER)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超兰霞平刚桂英华玉萍红鹏玲辉琴云帆晨宇欣雨佳俊"


@dataclass(frozen=True, slots=True)
class Person:
    """One account: `login` is `<role>.<number>`; the name tells one person."""

    id: str
    login: str
    name: str
    grant: Grant


class Staff:
    """Who there is, by role and grid."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = tuple(people)
        self._at: dict[tuple[Role, str | None], list[Person]] = {}
        for person in people:
            key = (person.grant.role, person.grant.grid)
            self._at.setdefault(key, []).append(person)

    def of_unit(self, unit: str, rng: random.Random) -> Person:
        """Somebody of that department."""
        found = [p for p in self._at[Role.DEPARTMENT, None] if p.grant.unit == unit]
        return rng.choice(found)

    def nearest(self, role: Role, path: Sequence[str], rng: random.Random) -> Person | None:
        """Somebody of that role for the ground at the end of a path, else for what is above it."""
        for code in (*reversed(path), None):
            found = self._at.get((role, code))
            if found:
                return rng.choice(found)
        return None


def staff(plots: Sequence[Plot], rng: random.Random, count: int) -> Staff:
    """That many people: whoever is left over after the offices is a grid worker of a leaf."""
    posts = [Grant(role, None) for role, number in _COUNTY for _ in range(number)]
    towns = [plot.grid.code for plot in plots if plot.grid.parent_code == COUNTY]
    towns = [code for code in towns if code.endswith("000000")]
    posts += [Grant(role, town) for town in towns for role in _TOWN]
    posts += [Grant(Role.DEPARTMENT, None, unit) for unit in UNITS[:DEPARTMENTS] for _ in (1, 2)]
    civil = [plot.grid for plot in plots if plot.grid.kind is GridKind.CIVIL]
    parents = {grid.parent_code for grid in civil}
    leaves = [grid.code for grid in civil if grid.code not in parents]
    for number in range(max(WORKERS_MIN, count - len(posts))):
        posts.append(Grant(Role.WORKER, leaves[number % len(leaves)]))
    numbers: dict[Role, int] = {}
    people = []
    for number, post in enumerate(posts, start=1):
        numbers[post.role] = numbers.get(post.role, 0) + 1
        login = f"{post.role.value.replace('_', '-')}.{numbers[post.role]}"
        people.append(Person(f"seed-{number:05}", login, f"{_name(rng)}{number:04}", post))
    return Staff(people)


def _name(rng: random.Random) -> str:
    return rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2))))
