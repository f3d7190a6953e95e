"""One typed tree from a folder of files and the environment; all that is wrong is told at once."""

from hub.config.load import HubConfig, Loaded, load, load_or_refuse
from hub.config.node import Place, Problem
from hub.config.settings import HubSettings
from hub.config.watch import LiveConfig

__all__ = [
    "HubConfig",
    "HubSettings",
    "LiveConfig",
    "Loaded",
    "Place",
    "Problem",
    "load",
    "load_or_refuse",
]
