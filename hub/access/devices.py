"""Browsers that an account was opened in before: their wrong passwords are counted by themselves.

Else a stranger who types a wrong password every quarter of an hour keeps a known login locked for
ever. A browser proves that it is known by a mark that only the hub can have made:

    mark = nonce ‖ "." ‖ HMAC-SHA256(stored password hash, canonical [account, nonce])

Nothing is kept of the browser; the mark is worth nothing after the password was changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

NONCE_BYTES = 16
MARKS_MAX = 12
"""Of one browser, in which people of one shift take turns; who came first goes first."""
BETWEEN = "~"


def mark(account_id: str, password_hash: str) -> str:
    """A new mark for a browser in which this account was opened."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    return f"{nonce}.{_proof(account_id, password_hash, nonce)}"


def known(shown: str | None, account_id: str, password_hash: str) -> str | None:
    """Which of the marks a browser shows is this account's, None if none is."""
    for each in _marks(shown):
        nonce, _, proof = each.partition(".")
        right = _proof(account_id, password_hash, nonce)
        if hmac.compare_digest(right.encode(), proof.encode()):
            return each
    return None


def with_mark(shown: str | None, own: str, old: str | None) -> str:
    """What a browser shows from now on: the new mark first, in the place of the old one."""
    return BETWEEN.join([own, *(each for each in _marks(shown) if each != old)][:MARKS_MAX])


def _marks(shown: str | None) -> list[str]:
    return [each for each in (shown or "").split(BETWEEN)[:MARKS_MAX] if each]


def _proof(account_id: str, password_hash: str, nonce: str) -> str:
    said = json.dumps(["known browser", account_id, nonce]).encode()
    return hmac.new(password_hash.encode(), said, hashlib.sha256).hexdigest()
