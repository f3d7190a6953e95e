"""What can only be seen with all files at hand. Each check yields problems, never stops at one."""

from collections.abc import Callable, Iterator

from hub.config.checks import cameras, classes, grids, secrets, sensors
from hub.config.draft import Draft
from hub.config.node import Problem

Check = Callable[[Draft], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    cameras.references,
    cameras.uses,
    cameras.places,
    cameras.pictures,
    cameras.views,
    cameras.streams,
    cameras.models,
    sensors.brokers,
    sensors.entries,
    sensors.references,
    sensors.uses,
    sensors.names,
    grids.centres,
    grids.topology,
)
"""Refusals."""

NOTES: tuple[Check, ...] = (
    cameras.idle,
    sensors.idle,
    grids.unbound,
    grids.excused,
    classes.rules,
    secrets.examples,
)
"""Worth a look, but no reason to refuse."""
