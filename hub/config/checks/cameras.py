"""Cameras against their rules, their pictures, their ground and their addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from hub.alerts.rules import misplaced, permitted
from hub.config.draft import Draft, Entry, Written
from hub.config.node import Node, Problem, Step
from hub.grids.view import look
from hub.kit.errors import HubError, Misconfigured
from hub.kit.geometry import ring_fault
from hub.privacy.places import place_fault
from hub.types.scene import SourceKind
from hub.types.site import CameraSpec, Ring, RuleUse

RESIDUAL_M_MAX = 5.0
"""Ground points that fit each other worse than this were mixed up or mistyped."""

Camera = Entry[CameraSpec]
_RING = TypeAdapter(Ring)


def references(draft: Draft) -> Iterator[Problem]:
    """What a camera's rules name exists: rule, zone, line. Asked of faulty cameras as well."""
    for camera in draft.written.get("cameras", []):
        for number, use in enumerate(_listed(camera.node, "rules")):
            rule = use.text("rule")
            if rule is not None and rule not in draft.named.get("rules", set()):
                text = f"there is no rule {rule} in rules.yaml"
                yield camera.problem(text, "rules", number, "rule")
            for what in ("zone", "line"):
                name = use.text(what)
                known = {part.text("id") for part in _listed(camera.node, f"{what}s")}
                if name is not None and name not in known:
                    yield camera.problem(f"the camera has no {what} {name}", "rules", number, what)


def _listed(node: Node, key: str) -> list[Node]:
    found = node.child(key)
    return found.items if found is not None else []


def uses(draft: Draft) -> Iterator[Problem]:
    """Each rule of a camera fits a camera and its place, and is used once."""
    rules = {rule.value.id: rule.value for rule in draft.rules}
    for camera in draft.cameras:
        seen: set[RuleUse] = set()
        for number, use in enumerate(camera.value.rules):
            if use in seen:
                yield camera.problem(f"the rule {use.rule} is used twice here", "rules", number)
            seen.add(use)
            if (rule := rules.get(use.rule)) is None:
                continue
            has_zone, has_line = use.zone is not None, use.line is not None
            wrong = misplaced(rule, SourceKind.CAMERA, zone=has_zone, line=has_line)
            forbidden = permitted(rule, camera.value.place_class)
            for message in filter(None, (wrong, forbidden)):
                yield camera.problem(message, "rules", number, "rule")


def places(draft: Draft) -> Iterator[Problem]:
    """No camera looks where people sleep, wash or undress."""
    for camera in draft.cameras:
        fault = place_fault(camera.value)
        if fault is not None:
            yield camera.problem(f"{fault.code}: {fault.text}", fault.key)


def pictures(draft: Draft) -> Iterator[Problem]:
    """Zones and masks are simple polygons, lines have a length. Asked of faulty cameras as well."""
    for camera in draft.written.get("cameras", []):
        for number, zone in enumerate(_listed(camera.node, "zones")):
            yield from _ring(camera, zone.child("polygon"), "zones", number, "polygon")
        for number, mask in enumerate(_listed(camera.node, "masks")):
            yield from _ring(camera, mask, "masks", number)
        for number, line in enumerate(_listed(camera.node, "lines")):
            a, b = line.child("a"), line.child("b")
            if a is not None and b is not None and a.plain() == b.plain():
                yield camera.problem("the line has no length: a and b are one", "lines", number)
        for key in ("zones", "lines"):
            yield from _twice(camera, key, [n.text("id") for n in _listed(camera.node, key)])


def _ring(camera: Written, node: Node | None, *path: Step) -> Iterator[Problem]:
    """A ring that crosses itself; one that is no ring at all is told where it was read."""
    try:
        ring = _RING.validate_python(node.plain() if node is not None else None)
    except ValidationError:
        return
    if (fault := ring_fault(ring)) is not None:
        yield camera.problem(fault, *path)


def _twice(camera: Written, key: str, names: list[str | None]) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if name is not None and name in names[:number]:
            yield camera.problem(f"the id {name} is given twice", key, number, "id")


def views(draft: Draft) -> Iterator[Problem]:
    """A direction has an angle, a calibration makes sense, and a cone has a place to start."""
    for camera in draft.cameras:
        spec, view = camera.value, camera.value.view
        if (view.azimuth_deg is None) != (view.fov_deg is None):
            missing = "fov_deg" if view.fov_deg is None else "azimuth_deg"
            yield camera.problem(f"a view wants both angles; {missing} is missing", "view")
        if spec.position is None and view.azimuth_deg is not None:
            yield camera.problem("a direction without a position leads nowhere", "view")
        if view.ground_points:
            yield from _calibration(camera)


def _calibration(camera: Camera) -> Iterator[Problem]:
    path: tuple[Step, ...] = ("view", "ground_points")
    try:
        homography = look(camera.value).homography
    except Misconfigured as error:
        yield camera.problem(str(error), *path)
        return
    if homography is not None and homography.residual_m > RESIDUAL_M_MAX:
        text = f"the points contradict each other by {homography.residual_m:.1f} m"
        yield camera.problem(f"{text} (at most {RESIDUAL_M_MAX:.0f} m)", *path)


def streams(draft: Draft) -> Iterator[Problem]:
    """Addresses are in the allowed ranges and carry no password."""
    for camera in draft.cameras:
        for role in ("main", "sub"):
            stream = getattr(camera.value, role)
            if stream is None:
                continue
            for message in _address(draft, stream.url):
                yield camera.problem(message, role, "url")


def _address(draft: Draft, url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            yield "name and password belong under credentials, not into the address"
        draft.settings.addresses.check(url, lambda host: [_numeric(draft, host)])
    except (HubError, ValueError) as error:
        yield str(error)


def _numeric(draft: Draft, host: str) -> str:
    """A numeric host as it is. A name is resolved when the camera is opened, not here."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return str(next(iter(draft.settings.addresses.ranges)).network_address)


def models(draft: Draft) -> Iterator[Problem]:
    """The model exists and sees the kinds that the camera's rules speak of."""
    if "models" not in draft.named:
        return
    rules = {rule.value.id: rule.value for rule in draft.rules}
    cards = {card.id: card for card in draft.models.models} if draft.models else {}
    for camera in draft.cameras:
        name = camera.value.model
        if name is not None and name not in draft.named["models"]:
            yield camera.problem(f"there is no model {name} in models.yaml", "model")
        chosen = name or (draft.models.default if draft.models else "")
        if chosen not in cards:
            continue
        seen = set(cards[chosen].kinds.values())
        for number, use in enumerate(camera.value.rules):
            wanted = set(getattr(rules.get(use.rule), "kinds", ()))
            if wanted and not wanted & seen:
                kinds = ", ".join(sorted(wanted))
                text = f"the model {chosen} sees none of the rule's kinds ({kinds})"
                yield camera.problem(text, "rules", number, "rule")


def idle(draft: Draft) -> Iterator[Problem]:
    """Cameras without a rule, and two cameras on one address."""
    first: dict[str, str] = {}
    for camera in draft.cameras:
        if not camera.value.rules:
            yield camera.problem("the camera has no rule: it is only watched", "id")
        url = camera.value.main.url
        if url in first:
            yield camera.problem(f"the same address as {first[url]}", "main", "url")
        first.setdefault(url, camera.value.id)
