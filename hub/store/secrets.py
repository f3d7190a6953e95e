"""Passwords at rest: encrypted with a key that lies in a file of its own."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from hub.kit.errors import Misconfigured


class SecretBox:
    """Encrypts and decrypts short texts (Fernet: AES-128-CBC with HMAC-SHA256).

    The key file is made at first use, readable by its owner alone. Raises Misconfigured
    (`bad_key`) when it exists and holds no key, (`key_readable`) when others may read it.
    """

    def __init__(self, key_path: Path) -> None:
        self._key_path = key_path
        try:
            self._fernet = Fernet(_key(key_path))
        except ValueError as error:
            raise Misconfigured(f"{key_path} holds no key: {error}", code="bad_key") from error

    def encrypt(self, text: str) -> str:
        """Ciphertext, ASCII."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, ciphertext: str) -> str:
        """The text. Raises Misconfigured (`wrong_key`) when another key wrote it."""
        try:
            return self._fernet.decrypt(ciphertext.encode("ascii")).decode()
        except (InvalidToken, UnicodeEncodeError) as error:
            raise Misconfigured(
                f"the key in {self._key_path} does not open this secret: put back the key file"
                " that wrote it, or enter the secret again",
                code="wrong_key",
            ) from error


def _key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"{path} may be read by others; chmod 600 it", code="key_readable")
    return path.read_bytes()


def _create(path: Path) -> None:
    """Write a new key; of two processes that start at once, both use the one that came first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
