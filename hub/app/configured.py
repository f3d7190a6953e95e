"""The configuration that a process goes by: of its start, and of each sound change of the files."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hub.app.setup import Setup
from hub.config import HubConfig, LiveConfig
from hub.kit.errors import Misconfigured
from hub.kit.metrics import Metrics

log = logging.getLogger(__name__)

CONFIG_S = 2.0
"""How often a process looks at the files."""


def _at_once(_config: HubConfig) -> None:
    """For who has nothing to do before another configuration is in force."""


class Configured:
    """`now` is the configuration in force. Raises Misconfigured for files that are refused.

    Every process has its own; each sees a change within `CONFIG_S` of the others.
    """

    def __init__(self, setup: Setup, metrics: Metrics) -> None:
        self._live = LiveConfig(setup.config, setup.profile)
        if self._live.config is None:
            raise self._live.last.refused()
        self._told = self._live.last
        self._metrics = metrics
        self.now: HubConfig = self._live.config

    def look(self, settle: Callable[[HubConfig], None] = _at_once) -> bool:
        """Look at the files; whether another configuration is in force now.

        `settle` is done before: when it raises, the change is tried again with the next look. A
        fault is told once, and what was in force stays so.
        """
        self._live.refresh()
        changed = self._live.config is not None and self._live.config is not self.now
        if self._live.config is not None and changed:
            self._settle(self._live.config, settle)
        if self._live.last is not self._told:  # each reading once, not each look at the files
            self._told = self._live.last
            for problem in self._told.problems:
                log.error("the configuration in force stays: %s", problem)
        self._metrics.put("hub_config_problems", len(self._live.last.problems))
        return changed

    def _settle(self, config: HubConfig, settle: Callable[[HubConfig], None]) -> None:
        try:
            settle(config)
        except Misconfigured:
            self.now = config  # the files as they are will be refused again: tell it once
            raise
        self.now = config
