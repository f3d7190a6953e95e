"""Passwords: argon2id hashes, the rules for a new one, and one that the hub thinks up itself."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from hub.kit.errors import Refused

SHORTEST = 10
LONGEST = 200

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of a password that is read from paper: nothing that looks like something else."""

_TRIED_FIRST = """
0123456789 01234567890 1122334455 1212121212 1231231231 123123123a 1234512345 1234567890 12345678900
12345678901 1234567890a 123456789a 123456789abc 123456789q 1234567abc 123456abcdef 1234abcd1234
1234qwer1234 1357924680 147258369a 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 5201314520 520131452013
9876543210 a123456789 a1234567890 aa12345678 aa123456789 aaa123456789 abc1234567 abc12345678
abc123456789 abcd123456 abcd12345678 abcde12345 abcdef123456 abcdefghij admin12345 admin123456
admin123456789 admin@12345 admin@123456 administrator asdfghjkl1 asdfghjkl123 changeme123
hikvision123 huawei12345 huawei@123 iloveyou123 letmein1234 operator123 p@ssw0rd123 passw0rd123
password01 password12 password123 password1234 password@123 q123456789 q1w2e3r4t5 q1w2e3r4t5y6
qazwsx123456 qazwsxedcrfv qq12345678 qq123456789 qwe123456789 qwer123456 qwer12345678 qwerty12345
qwerty123456 qwertyuiop qwertyuiop123 root123456 welcome123 welcome1234 woaini1314 woaini1314520
woaini5201314 xueliang123 xueliang123456 xueliang2024 xueliang2025 xueliang2026 zaq12wsxcde3
zhongguo123 zxcvbnm123 zxcvbnm12345
"""
COMMONEST = frozenset(_TRIED_FIRST.split())
"""The commonest of ten characters and more; shorter ones are refused for their length."""


class Passwords:
    """Hashes and proves passwords: 64 MiB and a core for a tenth of a second each time.

    `hasher` None: the library's parameters of the day; older hashes are made anew at a login.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """To be stored."""
        return self._hasher.hash(_as_typed(password))

    def proves(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; for no stored one it takes the same time and is not."""
        try:
            self._hasher.verify(stored or self._nobodys, _as_typed(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)


_QUICK = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)


def first_hash(password: str) -> str:
    """To be stored, of a password that was `generated` and is to be changed.

    Quick, for a thousand at once: its random bits are its strength, and the first login with it
    hashes it anew.
    """
    return _QUICK.hash(_as_typed(password))


def _as_typed(password: str) -> str:
    """One form for what keyboards and input methods write in several."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, login: str) -> None:
    """Raises Refused (`weak_password`) and says why; nothing is asked of its characters."""
    typed = _as_typed(password).casefold()
    if len(typed) < SHORTEST:
        raise Refused(f"a password has at least {SHORTEST} characters", code="weak_password")
    if len(password) > LONGEST:
        raise Refused(f"a password has at most {LONGEST} characters", code="weak_password")
    if typed in (login, login * 2, login[::-1]):
        raise Refused("the login is no password", code="weak_password")
    if typed in COMMONEST or len(set(typed)) < 4:
        raise Refused("this is among the first passwords anyone tries", code="weak_password")


def generated() -> str:
    """A new one of three groups of four: 59 random bits, behind a lock that counts the tries."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return "-".join(groups)
