"""Where no camera may look: by the kind of spot that was declared, never by its picture."""

from __future__ import annotations

from dataclasses import dataclass

from hub.kit.errors import Refused
from hub.types.site import BANNED_PLACES, CameraSpec

TELLING = (
    *("浴室", "浴池", "澡堂", "洗澡", "淋浴", "卫生间", "洗手间", "厕所", "公厕", "更衣", "试衣"),
    *("母婴室", "哺乳"),
    *("宿舍", "客房", "寝室", "卧室", "病房", "诊室", "检查室"),
    *("bath", "shower", "toilet", "restroom", "washroom", "lavatory"),
    *("changing room", "fitting room"),
    *("locker room", "dormitory", "dorm", "guest room", "bedroom", "nursing room", "ward"),
)  # fmt: skip
"""Words in a name that make one wonder; they ask, they decide nothing."""


@dataclass(frozen=True, slots=True)
class PlaceFault:
    """Why a camera is refused: `banned_place` or `place_unclear`; `key` is where it stands."""

    code: str
    text: str
    key: str


def place_fault(camera: CameraSpec) -> PlaceFault | None:
    """What is wrong with where a camera looks, None if nothing is."""
    if camera.place in BANNED_PLACES:
        text = f"no camera in a {camera.place}: people there may not be filmed"
        return PlaceFault("banned_place", text, "place")
    if camera.place is None and (word := telling(camera.name)) is not None:
        text = f"the name says {word!r}: declare the kind of spot it looks at (place)"
        return PlaceFault("place_unclear", text, "name")
    return None


def telling(name: str) -> str | None:
    """The first word in a name that makes one wonder; Latin ones count as whole words."""
    plain = name.casefold()
    spaced = " ".join("".join(c if c.isalnum() else " " for c in plain).split())
    for word in TELLING:
        if word.isascii():
            if f" {word} " in f" {spaced} " or f" {word}s " in f" {spaced} ":
                return word
        elif word in plain:
            return word
    return None


def refuse_place(camera: CameraSpec) -> None:
    """Raises Refused (`banned_place`, `place_unclear`)."""
    fault = place_fault(camera)
    if fault is not None:
        raise Refused(f"{camera.id}: {fault.code}: {fault.text}", code=fault.code)
