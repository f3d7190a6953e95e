"""Cameras and sensors that are not there: real clips as live RTSP cameras, with faults to order."""

from hub.ingest.simulate.scenario import Fault, FaultKind, Scenario, load_scenario
from hub.ingest.simulate.simulator import Simulator, simulated

__all__ = ["Fault", "FaultKind", "Scenario", "Simulator", "load_scenario", "simulated"]
