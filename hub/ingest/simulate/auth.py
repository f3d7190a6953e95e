"""Basic and digest authentication of RTSP requests (RFC 2617 as cameras speak it: MD5, no qop)."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as NotBase64

REALM = "simulated camera"
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


def challenge(scheme: str, nonce: str) -> str:
    """The value of WWW-Authenticate."""
    if scheme == "basic":
        return f'Basic realm="{REALM}"'
    return f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5'


def allowed(
    scheme: str, header: str | None, *, method: str, nonce: str, username: str, password: str
) -> bool:
    """Whether the Authorization header proves knowledge of the password."""
    if header is None:
        return False
    kind, _, rest = header.partition(" ")
    if kind.lower() != scheme:
        return False
    if scheme == "basic":
        return _basic(rest, username, password)
    return _digest(rest, method, nonce, username, password)


def _basic(rest: str, username: str, password: str) -> bool:
    try:
        given = b64decode(rest.strip(), validate=True)
    except NotBase64:
        return False
    return hmac.compare_digest(given, f"{username}:{password}".encode())


def _digest(rest: str, method: str, nonce: str, username: str, password: str) -> bool:
    given = {key.lower(): quoted or bare for key, quoted, bare in _FIELD.findall(rest)}
    if (given.get("username"), given.get("nonce"), given.get("realm")) != (username, nonce, REALM):
        return False
    wanted = digest_response(username, password, method, given.get("uri", ""), nonce)
    return hmac.compare_digest(given.get("response", "").lower().encode(), wanted.encode())


def digest_response(
    username: str, password: str, method: str, uri: str, nonce: str, realm: str = REALM
) -> str:
    """`response` of RFC 2617, 3.2.2.1 without qop: MD5(MD5(A1):nonce:MD5(A2))."""
    a1 = _md5(f"{username}:{realm}:{password}")
    return _md5(f"{a1}:{nonce}:{_md5(f'{method}:{uri}')}")


def _md5(text: str) -> str:
    # The protocol names MD5; nothing but a simulated camera is guarded by it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
