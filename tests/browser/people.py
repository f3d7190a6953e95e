"""People at a browser: their windows, and what must hold whatever they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    ViewportSize,
)

from hub.api.guard import COOKIE

OFFICE = {"width": 1920, "height": 1080}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
SMALL = {"width": 1280, "height": 720}
"""For moving pictures: without a graphics card the cores that decode also draw the screen."""
PHONE = {"width": 390, "height": 844}
PATIENT_MS = 90_000.0
"""A busy machine draws a page in many seconds; a page that is never drawn is what fails."""

TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`));"""


def at(name: str) -> str:
    """The selector of what the pages call by this name."""
    return f'[data-test="{name}"]'


def begins(name: str) -> str:
    """The selector of everything whose name begins so."""
    return f'[data-test^="{name}"]'


@dataclass
class Witness:
    """What a window said and asked for."""

    said: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to a window from now on."""
        page.on("console", self._console)
        page.on("pageerror", self._broken)
        page.on("request", self._request)
        page.on("websocket", lambda socket: self.asked.append(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")
        if "Content Security Policy" in message.text or "violates the following" in message.text:
            self.faults.append(message.text)

    def _broken(self, error: Error) -> None:
        self.said.append(f"pageerror: {error}")
        self.faults.append(f"a script failed: {error}")

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)

    def check(self, secrets: list[str]) -> None:
        """Nothing failed, no page broke its policy, no secret stood in an address."""
        assert not self.faults
        told = [url for url in self.asked if any(secret in url for secret in secrets)]
        assert not told
        assert not [url for url in self.asked if "token=" in url or "password=" in url]


@dataclass
class Person:
    """A signed-in person's window. `secrets`: what must stand in no address."""

    context: BrowserContext
    page: Page
    witness: Witness
    secrets: list[str]

    def open(self, path: str, address: str) -> Page:
        """Go to a page of the hub."""
        self.page.goto(address + path)
        return self.page

    def another(self) -> Page:
        """A further window of the same person."""
        page = self.context.new_page()
        self.witness.watch(page)
        return page

    def keep(self, path: Path) -> None:
        """Pictures of the windows, and what they said."""
        said = list(self.witness.said)
        for number, page in enumerate(self.context.pages):
            said.append(page.url)
            try:
                page.screenshot(path=f"{path}-{number}.png", timeout=10_000)
            except Error as error:  # a window that hangs must not hide why the test failed
                said.append(f"no picture of it: {error}")
        path.with_suffix(".log").write_text("\n".join(said), "utf-8")


@dataclass
class Office:
    """Opens windows for people and keeps what they looked like when a test fails."""

    browser: Browser
    address: str
    logins: dict[str, str]
    token: str
    people: list[Person] = field(default_factory=list)
    _cookies: dict[str, Any] = field(default_factory=dict)

    def somebody(self, *, language: str = "zh-CN", **options: Any) -> Person:
        """A person who has not signed in."""
        given: dict[str, Any] = {"viewport": OFFICE, "locale": language, **options}
        context = self.browser.new_context(**given)
        context.set_default_timeout(PATIENT_MS)
        context.add_init_script(TELL_VIOLATIONS)
        witness = Witness()
        page = context.new_page()
        witness.watch(page)
        cookies = [cookie["value"] for cookie in self._cookies.values()]
        secrets = [*self.logins.values(), self.token, *cookies]
        person = Person(context, page, witness, secrets)
        self.people.append(person)
        return person

    def person(self, login: str, **options: Any) -> Person:
        """One of the three, signed in already."""
        person = self.somebody(**options)
        if login not in self._cookies:
            body = {"login": login, "password": self.logins[login]}
            answer = person.context.request.post(f"{self.address}/api/v1/session", data=body)
            assert answer.ok, answer.text()
            cookies = {each["name"]: each for each in person.context.cookies()}
            self._cookies[login] = cookies[COOKIE]
        person.context.add_cookies([self._cookies[login]])
        person.secrets.append(self._cookies[login]["value"])
        return person

    def close(self, keep: Path | None) -> None:
        """Everybody leaves. `keep`: a folder for how it looked, when it went wrong."""
        for number, person in enumerate(self.people, 1):
            if keep:
                person.keep(keep / str(number))
            person.context.close()
        people, self.people = self.people, []
        if keep is None:
            for person in people:
                person.witness.check(person.secrets)
