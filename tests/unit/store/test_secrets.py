"""The key file and what it locks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.kit.errors import Misconfigured
from hub.store.secrets import SecretBox


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    ciphertext = SecretBox(path).encrypt("口令")
    assert path.stat().st_mode & 0o777 == 0o600
    assert SecretBox(path).decrypt(ciphertext) == "口令"
    assert list(path.parent.iterdir()) == [path]


def test_another_key_is_named(tmp_path: Path) -> None:
    ciphertext = SecretBox(tmp_path / "one").encrypt("x")
    with pytest.raises(Misconfigured, match="two") as caught:
        SecretBox(tmp_path / "two").decrypt(ciphertext)
    assert caught.value.code == "wrong_key"


def test_a_damaged_or_open_key_file_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"nonsense")
    path.chmod(0o600)
    with pytest.raises(Misconfigured) as caught:
        SecretBox(path)
    assert caught.value.code == "bad_key"
    path.unlink()
    SecretBox(path)
    path.chmod(0o644)
    with pytest.raises(Misconfigured) as caught:
        SecretBox(path)
    assert caught.value.code == "key_readable"
