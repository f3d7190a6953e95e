"""Passwords: what is refused, what is stored, and that nobody learns which logins exist."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from hub.access.passwords import COMMONEST, LONGEST, SHORTEST, Passwords, check_new, generated
from hub.kit.errors import Refused

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "password",
    [
        "ninechars",
        "li.na.zhang",
        "LI.NA.ZHANG",
        "gnahz.an.il",
        "Password123",
        "ｐａｓｓｗｏｒｄ１２３",  # the same, as a Chinese input method writes it
        "aaaaaaaaaaaaaaa",
        "1212121212121",
        "x1y2" * 60,
    ],
)
def test_what_anyone_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(Refused) as refused:
        check_new(password, "li.na.zhang")
    assert refused.value.code == "weak_password"
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", ["correct horse", "河边的石头和灯笼一起亮了", "x7#kk2-pq9"])
def test_anything_else_of_ten_characters_will_do(password: str) -> None:
    check_new(password, "li.na.zhang")


def test_the_list_holds_nothing_that_its_length_refuses_already() -> None:
    assert [word for word in COMMONEST if not SHORTEST <= len(word) <= LONGEST] == []
    assert all(word == word.casefold() for word in COMMONEST)


def test_a_generated_one_is_good_and_never_the_same() -> None:
    many = {generated() for _ in range(50)}
    assert len(many) == 50
    for password in many:
        check_new(password, "li.na.zhang")


def test_only_a_hash_is_stored_and_it_proves_the_password() -> None:
    passwords = Passwords(QUICK)
    stored = passwords.hash("correct horse")
    assert stored.startswith("$argon2id$")
    assert "correct" not in stored
    assert passwords.proves(stored, "correct horse")
    assert not passwords.proves(stored, "Correct horse")
    assert passwords.hash("correct horse") != stored


def test_the_library_decides_what_a_hash_costs_and_older_ones_are_noticed() -> None:
    stored = Passwords(QUICK).hash("correct horse")
    today = Passwords()
    assert today.outdated(stored)
    assert not today.outdated(today.hash("correct horse"))


def test_for_no_account_a_hash_is_proved_all_the_same() -> None:
    """The same work with the same parameters: that is what makes the time the same."""
    proved: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            proved.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Watched(time_cost=1, memory_cost=8, parallelism=1))
    stored = passwords.hash("correct horse")
    assert not passwords.proves(None, "anything else")
    assert not passwords.proves(stored, "anything else")
    unknown, known = (entry.split("$")[1:4] for entry in proved)
    assert unknown == known == stored.split("$")[1:4]


def test_a_hash_that_was_spoilt_proves_nothing() -> None:
    assert not Passwords(QUICK).proves("spoilt", "spoilt")
