"""The built pages: what is sent, how long it may be kept, and what is never sent."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hub.access.actions import Role
from hub.api.app import create_app
from hub.api.deps import SiteCard
from hub.api.pages.headers import policy
from hub.types.site import BaseMap
from tests.unit.api.conftest import Desk

SCRIPT = "console.log('hub');\n" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small build, and a secret beside it."""
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html><title>Hub</title>", "utf-8")
    (pages / "assets" / "index-4f2a.js").write_text(SCRIPT, "utf-8")
    (pages / "sw.js").write_text("self.skipWaiting()", "utf-8")
    (pages / "manifest.webmanifest").write_text("{}", "utf-8")
    (pages / ".env").write_text("hidden", "utf-8")
    (tmp_path / "secret.key").write_text("the key", "utf-8")
    os.symlink(tmp_path / "secret.key", pages / "linked.txt")
    return pages


@pytest.mark.parametrize("path", ["/", "/wall", "/alerts/0123", "/wall/2", "/index.html"])
def test_the_application_knows_its_own_addresses(desk: Desk, folder: Path, path: str) -> None:
    answer = desk.http.get(path)
    assert answer.status_code == 200
    assert "<title>Hub</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_page_about_a_camera_with_a_dot_in_its_id_can_be_loaded_anew(
    desk: Desk, folder: Path
) -> None:
    path, browser = "/cameras/school.north.1", {"Accept": "text/html,application/xhtml+xml"}
    assert "<title>Hub</title>" in desk.http.get(path, headers=browser).text
    assert desk.http.get(path).status_code == 404
    assert desk.http.get("/assets/old.js", headers=browser).status_code == 404


def test_hashed_files_are_kept_for_a_year_and_nothing_else_is(desk: Desk, folder: Path) -> None:
    asset = desk.http.get("/assets/index-4f2a.js")
    assert asset.text == SCRIPT
    assert asset.headers["content-type"].startswith("text/javascript")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path, kind in (
        ("/sw.js", "text/javascript"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ):
        answer = desk.http.get(path)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"].startswith(kind)


def test_what_is_worth_it_goes_compressed_to_who_takes_it(desk: Desk, folder: Path) -> None:
    path = "/assets/index-4f2a.js"
    with desk.http.stream("GET", path, headers={"Accept-Encoding": "br, gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(raw).decode() == SCRIPT
    assert int(answer.headers["content-length"]) == len(raw) < len(SCRIPT) / 10
    for refusing in ("identity", "gzip;q=0", "br"):
        plain = desk.http.get(path, headers={"Accept-Encoding": refusing})
        assert "content-encoding" not in plain.headers
        assert plain.text == SCRIPT
    small = desk.http.get("/sw.js", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers


def test_a_page_that_is_still_the_same_is_not_sent_again(desk: Desk, folder: Path) -> None:
    tag = desk.http.get("/").headers["etag"]
    again = desk.http.get("/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    (folder / "index.html").write_text("<!doctype html><title>Newer</title>", "utf-8")
    newer = desk.http.get("/", headers={"If-None-Match": tag})
    assert (newer.status_code, "Newer" in newer.text) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.key",
        "/..%2fsecret.key",
        "/%2e%2e/secret.key",
        "/assets/../../secret.key",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.key",
        "/..%5csecret.key",
        "//etc/hostname.txt",
        "/%2fetc%2fhostname.txt",
        "/.env",
        "/linked.txt",
        "/sw.js%00.html",
        "/missing.js",
        "/assets/index-0000.js",
        "/" + "a" * 5000 + ".js",
    ],
)
def test_nothing_outside_the_folder_is_ever_sent(desk: Desk, folder: Path, path: str) -> None:
    answer = desk.http.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert "the key" not in answer.text


def test_a_path_of_the_api_that_is_none_stays_none(desk: Desk, folder: Path) -> None:
    for method in ("GET", "POST", "DELETE"):
        for path in ("/api", "/api/v1/nothing", "/api/v2/cameras", "/metrics/x", "/healthz/x"):
            answer = desk.http.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert desk.http.post("/wall").status_code == 405
    assert "<title>" in desk.http.get("/apiary").text


def test_pages_that_are_not_built_say_how(desk: Desk) -> None:
    answer = desk.http.get("/wall")
    assert (answer.status_code, answer.json()["code"]) == (503, "pages_not_built")
    assert "make web" in answer.json()["detail"]


def test_every_answer_keeps_the_pages_to_themselves(desk: Desk, folder: Path) -> None:
    answers = [
        desk.http.get("/"),
        desk.http.get("/missing.js"),
        desk.http.get("/healthz"),
        desk.ask("GET", "/cameras"),
        desk.ask("GET", "/cameras", None),
        desk.ask("POST", "/session", None, content=b"x" * (2 << 20)),
        desk.http.get("/metrics", headers={"Authorization": f"Bearer {desk.tokens[Role.ADMIN]}"}),
    ]
    assert {answer.status_code for answer in answers} == {200, 401, 404, 413}
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        rules = dict(
            part.strip().split(" ", 1)
            for part in answer.headers["content-security-policy"].split(";")
        )
        assert rules["default-src"] == rules["script-src"] == rules["connect-src"] == "'self'"
        assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert rules["img-src"] == "'self' data: blob:"
        assert "'unsafe-inline'" not in rules["script-src"]
        assert "'unsafe-eval'" not in answer.headers["content-security-policy"]


def test_pictures_also_come_from_the_base_maps_of_the_site(desk: Desk) -> None:
    maps = (
        BaseMap(name="a", url="https://{s}.tiles.example:8443/{z}/{x}/{y}.png?key=1;script-src"),
        BaseMap(name="b", url="/tiles/{z}/{x}/{y}.png"),
    )
    deps = replace(desk.deps, site=SiteCard("Liuxi", "Asia/Shanghai", maps))
    http = TestClient(create_app(deps))
    sent = http.get("/healthz").headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://*.tiles.example:8443" in sent
    assert sent == policy(maps)
    assert sent.count("script-src") == 1
    headers = {"Authorization": f"Bearer {desk.tokens[Role.OPERATOR]}"}
    site = http.get("/api/v1/site", headers=headers).json()
    assert [tiles["datum"] for tiles in site["base_maps"]] == ["wgs84", "wgs84"]


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example/{z}/{x}.png",
        "ftp://tiles.example/{z}/{x}/{y}",
        "//tiles.example/{z}/{x}/{y}",
        "https://tiles.example; script-src *//{z}/{x}/{y}",
        "https://user:word@tiles.example/{z}/{x}/{y}",
        "javascript:alert(1)/{z}/{x}/{y}",
    ],
)
def test_an_address_that_is_no_tile_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        BaseMap(name="odd", url=url)
