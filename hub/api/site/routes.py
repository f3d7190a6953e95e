"""What the pages show of the site, as hub.yaml says it."""

from __future__ import annotations

from typing import Annotated

from hub import __version__
from hub.access.actions import Action, Subject
from hub.api.guard import Hub, domain, may
from hub.api.site.schemas import BaseMapOut, SiteOut

router = domain("site")


@router.get("/site")
def read_site(hub: Hub, _who: Annotated[Subject, may(Action.SITE_READ)]) -> SiteOut:
    """Name, time zone, version and base maps."""
    return SiteOut(
        name=hub.site.name,
        time_zone=hub.site.time_zone,
        version=__version__,
        base_maps=[BaseMapOut.model_validate(tiles) for tiles in hub.site.maps],
    )
