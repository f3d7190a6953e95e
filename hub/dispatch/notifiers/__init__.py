"""Ways to reach people. A new one is a file here, a line in `NOTIFIERS` and one in `Channel`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.dispatch.notifier import Notifier, Tools
from hub.dispatch.notifiers.live import Live, LiveConfig
from hub.dispatch.notifiers.robot import Robot, RobotConfig
from hub.dispatch.notifiers.sms import Sms, SmsConfig
from hub.dispatch.notifiers.webhook import Webhook, WebhookConfig

NOTIFIERS: tuple[type[Live] | type[Webhook] | type[Robot] | type[Sms], ...] = (
    Live,
    Webhook,
    Robot,
    Sms,
)

Channel = Annotated[
    LiveConfig | WebhookConfig | RobotConfig | SmsConfig, Field(discriminator="type")
]
"""One channel as an administrator writes it; `type` tells which."""

_BY_CONFIG: dict[type, type[Notifier]] = {each.config: each for each in NOTIFIERS}


def make(channel: Channel, tools: Tools) -> Notifier:
    """The channel at work."""
    return _BY_CONFIG[type(channel)](channel, tools)


def kind_of(channel: Channel) -> type[Notifier]:
    """What a channel's notifier is, without one."""
    return _BY_CONFIG[type(channel)]
