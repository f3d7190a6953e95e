"""Shares the cameras and brokers out to the workers and publishes each worker's plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.alerts.rules import RuleSpec, permitted
from hub.analytics.catalog.cards import ModelsFile
from hub.app.plan import PlannedBroker, PlannedCamera, WorkerPlan, digest, share_out
from hub.app.registry import Snapshot
from hub.config import HubConfig
from hub.store.stream import Plan, Plans
from hub.types.site import CameraSpec


class Planner:
    """Publishes plans that are news, and those that Redis has forgotten.

    A plan is made only when the registers, the configuration or the set of workers changed: made
    each second, those of a thousand cameras would keep the centre busy.
    """

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._made_of: tuple[Snapshot, HubConfig, tuple[str, ...]] | None = None
        self._made: dict[str, Plan] = {}

    def publish(self, snapshot: Snapshot, workers: Sequence[str], config: HubConfig) -> None:
        """One plan for each living worker. Raises Retryable without Redis."""
        known = self._made_of
        if (
            known is None
            or known[0] is not snapshot
            or known[1] is not config
            or known[2] != tuple(workers)
        ):
            self._made = {
                worker: self._plans.publish(worker, plan.model_dump(mode="json"))
                for worker, plan in make_plans(snapshot, workers, config).items()
            }
            self._made_of = (snapshot, config, tuple(workers))
            return
        for worker, plan in self._made.items():
            if self._plans.version(worker) != plan.version:
                self._plans.publish(worker, plan.body)


def make_plans(
    snapshot: Snapshot, workers: Sequence[str], config: HubConfig
) -> dict[str, WorkerPlan]:
    """The plan of each worker."""
    cameras = share_out(snapshot.cameras, workers)
    brokers = share_out(snapshot.brokers, workers)
    return {
        worker: WorkerPlan(
            cameras=tuple(
                plan_camera(snapshot.cameras[c], snapshot, config.models) for c in cameras[worker]
            ),
            brokers=tuple(_broker(b, snapshot) for b in brokers[worker]),
            cards=config.models.models,
            policy=config.settings.addresses,
            time_zone=config.settings.site.time_zone,
        )
        for worker in workers
    }


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
    """Its rules, without those its place forbids: a file may loosen a rule that the api's cameras
    at sensitive places use, and must not switch it on there."""
    names = dict.fromkeys(use.rule for use in camera.rules)
    rules = (snapshot.rules[name] for name in names if name in snapshot.rules)
    return (rule for rule in rules if permitted(rule, camera.place_class) is None)


def _broker(broker_id: str, snapshot: Snapshot) -> PlannedBroker:
    sensors = [s for s in snapshot.sensors.values() if s.broker == broker_id]
    return PlannedBroker(
        broker=snapshot.brokers[broker_id],
        secret=snapshot.broker_secrets.get(broker_id),
        sensors=tuple(sorted(sensors, key=lambda s: s.id)),
    )
