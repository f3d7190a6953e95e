"""Every notifier keeps the contract; and what is each one's own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from hub.dispatch.notifier import Address, ErrorClass, Letter, Tools, fill
from hub.dispatch.notifiers import NOTIFIERS, Channel, make
from hub.dispatch.notifiers.live import LiveConfig
from hub.dispatch.notifiers.robot import RobotConfig
from hub.dispatch.notifiers.sms import SmsConfig
from hub.dispatch.notifiers.webhook import WebhookConfig
from hub.dispatch.verdicts import Success
from hub.kit.errors import Retryable
from tests.contract.notifiers import WANG, HttpContract, NotifierContract, letter
from tests.gateway import Gateway


class TestLive(NotifierContract):
    def channel(self, url: str) -> Channel:
        return LiveConfig(id="live")

    def test_a_busy_database_is_tried_again(self, there: Gateway, posted: list[Letter]) -> None:
        def busy(_letter: Letter) -> None:
            raise Retryable("database: locked", code="database_busy")

        tools = replace(self.tools(there, posted), post=busy)
        outcome = self.send(make(self.channel(""), tools))
        assert outcome.error is ErrorClass.RETRYABLE

    def test_it_is_not_delivered_before_the_person_says_so(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        assert not self.send(self.notifier(there, posted)).delivered


class TestWebhook(HttpContract):
    def channel(self, url: str) -> Channel:
        return WebhookConfig(id="hook", url=f"{url}/hook", secret_env="HOOK_SECRET")

    def test_the_receiver_can_prove_who_it_is_from(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        outcome = self.send(self.notifier(there, posted))
        [call] = there.heard
        assert outcome.delivered, "a system that took it has it"
        signed = call.headers["hub-timestamp"].encode() + b"." + call.body

        def proof(secret: bytes) -> str:
            return "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()

        assert call.headers["hub-signature"] == proof(b"s3cret-hook")
        assert call.headers["hub-signature"] != proof(b"another")
        assert call.headers["hub-delivery"] == "batch-1"
        told = call.json()
        assert (told["key"], told["severity"], told["exercise"]) == ("batch-1", "P1", False)
        assert told["notices"][0]["about"] == "incident/i1"


class TestRobot(HttpContract):
    def channel(self, url: str) -> Channel:
        body = {
            "msgtype": "text",
            "text": {"content": "{text}", "mentioned_mobile_list": "{mentions}"},
        }
        return RobotConfig(id="group", url_env="ROBOT_URL", body=body)

    def test_it_fills_the_template_and_mentions_who_wants_it(
        self, there: Gateway, posted: list[Letter]
    ) -> None:
        one = replace(letter(Address()), mentions=("13800000001",), text='他说"好"')
        asyncio.run(self.notifier(there, posted).send(one))
        [call] = there.heard
        assert call.path == "/robot?key=s3cret-robot"
        assert call.json()["text"] == {
            "content": '他说"好"',
            "mentioned_mobile_list": ["13800000001"],
        }

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            (b'{"errcode": 0}', None),
            (b'{"errcode": 45009}', ErrorClass.RETRYABLE),
            (b'{"errcode": 93000}', ErrorClass.PERMANENT),
            (b"<html>", ErrorClass.PERMANENT),
        ],
    )
    def test_it_reads_the_answer(
        self, there: Gateway, posted: list[Letter], body: bytes, error: ErrorClass | None
    ) -> None:
        there.body = body
        outcome = self.send(self.notifier(there, posted))
        assert outcome.error is error
        assert (outcome.retry_after_s is not None) is (error is ErrorClass.RETRYABLE)


class TestSms(HttpContract):
    def channel(self, url: str) -> Channel:
        return SmsConfig(
            id="sms",
            url=f"{url}/send",
            headers={"authorization": "Bearer {token}"},
            body={"to": "{phone}", "text": "{text}", "id": "{key}"},
            secrets={"token": "SMS_TOKEN"},
            success=Success(path="code", equals="OK"),
        )

    def test_it_fills_headers_and_body(self, there: Gateway, posted: list[Letter]) -> None:
        self.send(self.notifier(there, posted))
        [call] = there.heard
        assert call.headers["authorization"] == "Bearer s3cret-sms"
        assert call.json() == {"to": WANG.phone, "text": letter(WANG).text, "id": "batch-1"}

    def test_a_form_and_a_query_are_escaped(self, there: Gateway, posted: list[Letter]) -> None:
        channel = self.channel(there.url).model_copy(
            update={"encoding": "form", "query": {"k": "{token}", "p": "{phone}"}}
        )
        one = replace(letter(WANG), text="a&b={token} 火")
        asyncio.run(make(channel, self.tools(there, posted)).send(one))
        [call] = there.heard
        assert parse_qs(urlsplit(call.path).query) == {"k": ["s3cret-sms"], "p": [WANG.phone]}
        assert parse_qs(call.body.decode())["text"] == ["a&b={token} 火"], "no secret gets in"

    def test_whoever_left_no_number_is_not_reached(self) -> None:
        kind = next(each for each in NOTIFIERS if each.config is SmsConfig)
        assert not kind.can_reach(Address("a-li"))

    def test_a_secret_in_the_file_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="variables of the environment"):
            SmsConfig(id="sms", url="http://10.0.0.1", secrets={"token": "abc-123"})


def test_a_template_is_filled_in_one_pass() -> None:
    values = {"text": "{secret}", "secret": "s3cret", "list": ["1"]}
    assert fill({"a": "x{text}y", "b": "{list}", "c": 1}, values) == {
        "a": "x{secret}y",
        "b": ["1"],
        "c": 1,
    }
    assert json.dumps(fill("{unknown} {list}", values)) == '"{unknown} {list}"'


def test_each_type_is_listed_once() -> None:
    assert len({each.config for each in NOTIFIERS}) == len(NOTIFIERS) == 4


def test_tools_are_all_a_notifier_gets() -> None:
    assert set(Tools.__slots__) == {"caller", "post", "secret", "clock"}
