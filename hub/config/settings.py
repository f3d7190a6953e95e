"""hub.yaml: what concerns the site as a whole. All has a default, also the file."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from hub.access.consent import ConsentSettings
from hub.access.rates import RateSettings
from hub.alerts.storms.plan import StormConfig
from hub.grids.topology import SLIVER_M
from hub.ingest.addresses import AddressPolicy
from hub.privacy.settings import Retention
from hub.types.site import BaseMap, Spec


class Site(Spec):
    """Name and time zone for screens and reports; inside the hub all times are UTC."""

    name: str = Field(default="雪亮工程 / Xueliang hub", min_length=1)
    time_zone: str = "Asia/Shanghai"

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {name!r}") from error
        return name


class GridSettings(Spec):
    """How strictly grids.geojson is taken.

    Strips nowhere wider than `sliver_m` metres are no gaps and no overlaps. `exception` is the
    written reason for which gaps, overlaps and grids outside their parents are accepted.
    """

    sliver_m: float = Field(default=SLIVER_M, ge=0, le=50)
    exception: str = Field(default="", max_length=500)


class HubSettings(Spec):
    """The whole of hub.yaml. Folders, ports and worker processes belong to the command line."""

    site: Site = Site()
    addresses: AddressPolicy = AddressPolicy()
    retention: Retention = Retention()
    consents: ConsentSettings = ConsentSettings()
    requests: RateSettings = RateSettings()
    grids: GridSettings = GridSettings()
    storms: StormConfig = StormConfig()
    maps: tuple[BaseMap, ...] = Field(default=(), max_length=20)
