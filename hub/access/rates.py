"""How often somebody may ask: a bucket of requests each, which fills again by the second."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict

from pydantic import Field

from hub.access.actions import Subject
from hub.kit.clock import Clock
from hub.kit.errors import Forbidden
from hub.kit.metrics import Metrics
from hub.types.site import Spec
from hub.types.staff import Role

BUCKETS_MAX = 10_000
"""Of a process; who asked the longest ago is forgotten first, and begins with a full one."""


class Rate(Spec):
    """So many requests a second in the long run, and so many at once."""

    per_s: float = Field(gt=0, le=100_000)
    burst: int = Field(ge=1, le=1_000_000)


class RateSettings(Spec):
    """How often may ask: an account or a token, a sensor with its own, an address unknown to us."""

    subject: Rate = Rate(per_s=50, burst=300)
    sensor: Rate = Rate(per_s=100, burst=600)
    unknown: Rate = Rate(per_s=5, burst=60)


class TooMany(Forbidden):
    """The bucket is empty; `retry_after_s` says when there is something in it again."""

    code = "too_many_requests"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many requests: wait before the next one")
        self.retry_after_s = retry_after_s


class Buckets:
    """Everybody's buckets, by a key of the caller's. May be used by many threads."""

    def __init__(self, clock: Clock, limit: int = BUCKETS_MAX) -> None:
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: str, rate: Rate) -> None:
        """One request. Raises TooMany; a request that is refused costs nothing."""
        with self._lock:
            now = self._clock.monotonic()
            left, at = self._left.pop(key, (float(rate.burst), now))
            left = min(float(rate.burst), left + (now - at) * rate.per_s)
            refused = left < 1.0
            self._left[key] = (left if refused else left - 1.0, now)
            while len(self._left) > self._limit:
                self._left.popitem(last=False)
        if refused:
            raise TooMany((1.0 - left) / rate.per_s)


class Rates:
    """Counts requests by who asks, and by address for those who are nobody to us.

    `settings` may be others at any moment; nobody's bucket is filled by that.
    """

    def __init__(self, settings: RateSettings, clock: Clock, metrics: Metrics) -> None:
        self.settings = settings
        self._buckets = Buckets(clock)
        self._metrics = metrics

    def count(self, who: Subject, host: str) -> None:
        """One request of somebody from an address. Raises TooMany."""
        name, key, rate = self._of(who, host)
        try:
            self._buckets.take(key, rate)
        except TooMany:
            self._metrics.add("hub_api_requests_refused_total", by=name)
            raise

    def _of(self, who: Subject, host: str) -> tuple[str, str, Rate]:
        if who.account is not None:
            return "account", f"account {who.account}", self.settings.subject
        if who.token is not None:
            return "token", f"token {who.token}", self.settings.subject
        if Role.SENSOR in who.roles:
            return "sensor", who.name, self.settings.sensor
        return "address", address_key(host), self.settings.unknown


def address_key(host: str) -> str:
    """The bucket of an address: of IPv6 the whole /64, which one subscriber has all of."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"address {host}"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return f"address {ipaddress.ip_network((address, 64), strict=False)}"
    return f"address {getattr(address, 'ipv4_mapped', None) or address}"
