"""What every notifier keeps: one class for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hub.app.notices import check_address
from hub.dispatch.calls import Caller
from hub.dispatch.notifier import Address, ErrorClass, Letter, Notifier, Outcome, Reach, Tools
from hub.dispatch.notifiers import Channel, kind_of, make
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.types.finding import Severity
from tests.gateway import Gateway, gateway

SECRETS = {"HOOK_SECRET": "s3cret-hook", "SMS_TOKEN": "s3cret-sms", "ROBOT_URL": ""}
ITEM = {"key": "dispatched/t1", "about": "incident/i1", "kind": "dispatched", "text": "【P1】…"}
WANG = Address("a-wang", phone="13800000001", robot_id="wang")


def letter(to: Address) -> Letter:
    """One message."""
    return Letter("batch-1", "【P1】柳溪东村：新任务", Severity.P1, 0.0, False, (ITEM,), to)


class NotifierContract:
    """Give `channel(url)`."""

    def channel(self, url: str) -> Channel:
        raise NotImplementedError

    @pytest.fixture
    def there(self) -> Iterator[Gateway]:
        with gateway() as found:
            found.body = b'{"errcode": 0, "code": "OK"}'
            yield found

    @pytest.fixture
    def posted(self) -> list[Letter]:
        return []

    def tools(self, there: Gateway, posted: list[Letter], **secrets: str) -> Tools:
        known = {**SECRETS, "ROBOT_URL": f"{there.url}/robot?key=s3cret-robot", **secrets}
        return Tools(Caller(check_address), posted.append, known.get, SimClock())

    def notifier(self, there: Gateway, posted: list[Letter], **secrets: str) -> Notifier:
        return make(self.channel(there.url), self.tools(there, posted, **secrets))

    def send(self, notifier: Notifier) -> Outcome:
        person = notifier.reach is Reach.PERSON
        return asyncio.run(notifier.send(letter(WANG if person else Address())))

    def heard(self, there: Gateway, posted: list[Letter]) -> int:
        return len(there.heard) + len(posted)

    def test_one_send_is_one_message(self, there: Gateway, posted: list[Letter]) -> None:
        outcome = self.send(self.notifier(there, posted))
        assert outcome.error is None, outcome
        assert self.heard(there, posted) == 1

    def test_it_says_whom_it_reaches(self, there: Gateway, posted: list[Letter]) -> None:
        notifier = self.notifier(there, posted)
        kind = kind_of(self.channel(there.url))
        assert kind.can_reach(WANG) is (notifier.reach is Reach.PERSON)
        assert kind.can_reach(Address()) is (notifier.reach is Reach.GROUP)


class HttpContract(NotifierContract):
    """The same, and what holds for those that call a gateway over HTTP."""

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (500, ErrorClass.RETRYABLE),
            (503, ErrorClass.RETRYABLE),
            (429, ErrorClass.RETRYABLE),
            (408, ErrorClass.RETRYABLE),
            (400, ErrorClass.PERMANENT),
            (401, ErrorClass.MISCONFIGURED),
            (404, ErrorClass.MISCONFIGURED),
            (302, ErrorClass.MISCONFIGURED),
        ],
    )
    def test_what_a_status_means(
        self, there: Gateway, posted: list[Letter], status: int, error: ErrorClass
    ) -> None:
        there.status, there.headers = status, {"location": f"{there.url}/elsewhere"}
        outcome = self.send(self.notifier(there, posted))
        assert (outcome.error, outcome.status, outcome.delivered) == (error, status, False)
        assert len(there.heard) == 1, "a redirect is not followed, a failure not repeated here"

    def test_a_busy_receiver_makes_the_channel_wait(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        there.status, there.headers = 429, {"retry-after": "37"}
        assert self.send(self.notifier(there, posted)).retry_after_s == 37.0
        there.headers = {"retry-after": "999999999"}
        assert self.send(self.notifier(there, posted)).retry_after_s == 3600.0, "an hour at most"

    def test_an_answer_that_cannot_be_unpacked_is_tried_again(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        there.headers = {"content-encoding": "gzip"}
        outcome = self.send(self.notifier(there, posted))
        assert outcome.error is ErrorClass.RETRYABLE

    def test_whoever_hangs_up_is_tried_again(self, there: Gateway, posted: list[Letter]) -> None:
        there.closed = True
        assert self.send(self.notifier(there, posted)).error is ErrorClass.RETRYABLE

    def test_a_slow_one_is_left(self, there: Gateway, posted: list[Letter]) -> None:
        there.slow_s = 0.6
        hasty = self.channel(there.url).model_copy(update={"timeout_s": 0.1})
        outcome = self.send(make(hasty, self.tools(there, posted)))
        assert outcome.error is ErrorClass.RETRYABLE
        assert "0.1 s" in outcome.words

    def test_no_word_of_a_try_holds_a_secret_or_the_other_sides_words(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        there.body = b'{"errcode": 93000, "code": "bad s3cret-sms 13800000001"}'
        for status in (200, 400, 401, 500):
            there.status = status
            words = self.send(self.notifier(there, posted)).words
            assert "s3cret" not in words
            assert "138" not in words

    def test_a_missing_secret_is_named_and_nothing_sent(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        empty = dict.fromkeys(SECRETS, "")
        outcome = self.send(self.notifier(there, posted, **empty))
        assert outcome.error is ErrorClass.MISCONFIGURED
        assert any(name in outcome.words for name in SECRETS)
        assert not there.heard

    def test_an_address_outside_the_allowed_ranges_is_refused(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        away = "http://8.8.8.8"
        known = {**SECRETS, "ROBOT_URL": away}
        tools = replace(self.tools(there, posted), secret=known.get)
        assert self.send(make(self.channel(away), tools)).error is ErrorClass.MISCONFIGURED

    def test_a_name_that_is_not_known_now_is_tried_again(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        def nowhere(_url: str) -> str:
            raise Retryable("cannot resolve", code="unreachable")

        tools = replace(self.tools(there, posted), caller=Caller(nowhere))
        outcome = self.send(make(self.channel(there.url), tools))
        assert outcome.error is ErrorClass.RETRYABLE
