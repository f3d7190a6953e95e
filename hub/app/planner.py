"""Shares the cameras and brokers out to the workers and publishes each worker's plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.alerts.rules import RuleSpec
from hub.analytics.catalog.cards import ModelsFile
from hub.app.plan import PlannedBroker, PlannedCamera, WorkerPlan, digest, share_out
from hub.app.registry import Snapshot
from hub.config import HubConfig
from hub.store.stream import Plans
from hub.types.site import CameraSpec


class Planner:
    """Publishes again at each call, so that a wiped Redis knows the plans a second later."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def publish(self, snapshot: Snapshot, workers: Sequence[str], config: HubConfig) -> None:
        """One plan for each living worker. Raises Retryable without Redis."""
        cameras = share_out(snapshot.cameras, workers)
        brokers = share_out(snapshot.brokers, workers)
        for worker in workers:
            plan = WorkerPlan(
                cameras=tuple(
                    plan_camera(snapshot.cameras[c], snapshot, config.models)
                    for c in cameras[worker]
                ),
                brokers=tuple(_broker(b, snapshot) for b in brokers[worker]),
                cards=config.models.models,
                policy=config.settings.addresses,
                time_zone=config.settings.site.time_zone,
            )
            self._plans.publish(worker, plan.model_dump(mode="json"))


def plan_camera(camera: CameraSpec, snapshot: Snapshot, models: ModelsFile) -> PlannedCamera:
    """A camera with the rules it uses; one without rules on its picture needs no model."""
    rules = tuple(_used(camera, snapshot))
    watched = any(use.zone or use.line for use in camera.rules)
    model = (camera.model or models.default) if watched else camera.model
    return PlannedCamera(
        camera=camera,
        secret=snapshot.camera_secrets.get(camera.id),
        rules=rules,
        model=model,
        card="".join(digest(card) for card in models.models if card.id == model),
    )


def _used(camera: CameraSpec, snapshot: Snapshot) -> Iterable[RuleSpec]:
    names = dict.fromkeys(use.rule for use in camera.rules)
    return (snapshot.rules[name] for name in names if name in snapshot.rules)


def _broker(broker_id: str, snapshot: Snapshot) -> PlannedBroker:
    sensors = [s for s in snapshot.sensors.values() if s.broker == broker_id]
    return PlannedBroker(
        broker=snapshot.brokers[broker_id],
        secret=snapshot.broker_secrets.get(broker_id),
        sensors=tuple(sorted(sensors, key=lambda s: s.id)),
    )
