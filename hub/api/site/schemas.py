"""What the pages show of the site."""

from __future__ import annotations

from hub.api.schemas import Answer
from hub.types.site import Datum


class BaseMapOut(Answer):
    """A base map: tiles by `{z}`, `{x}`, `{y}`, and the datum they are drawn in."""

    name: str
    url: str
    datum: Datum
    attribution: str


class SiteOut(Answer):
    """Name, time zone for screens, the hub's version, base maps."""

    name: str
    time_zone: str
    version: str
    base_maps: list[BaseMapOut]
