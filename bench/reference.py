"""Every key out of the models: `python -m bench.reference > docs/ref/configuration.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args, get_origin

from annotated_types import BaseMetadata
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hub.alerts.rules import RULES
from hub.analytics.catalog.cards import ModelsFile
from hub.config.settings import HubSettings
from hub.dispatch.config import DispatchConfig
from hub.types.site import BrokerSpec, CameraSpec, SensorSpec

HEAD = """\
# The configuration, key by key

Written by `python -m bench.reference` out of the models that read the files; a test holds the two
together. What a key is *for* stands as a comment beside it in `configs/`. `null` clears a key,
`${NAME}` takes a value from the environment, `${NAME:-x}` is `x` without it. A key that is not
listed here is refused. `profiles/<name>/` is laid over: mappings key by key, list entries by id.

`grids.geojson` is a GeoJSON FeatureCollection with one more member, `datum` (`wgs84`, `gcj02`); its
features' properties are `code`, `name`, and optionally `kind`, `scheme`, `parent`, `centre`.
"""

NAMES = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "`true` \\| `false`",
    "IPvAnyNetwork": "network, such as 10.0.0.0/8",
}


def reference() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for title, model in (
        ("hub.yaml", HubSettings),
        ("dispatch.yaml", DispatchConfig),
        ("models.yaml", ModelsFile),
        ("cameras.yaml: each of `cameras`", CameraSpec),
        ("sensors.yaml: each of `brokers`", BrokerSpec),
        ("sensors.yaml: each of `sensors`", SensorSpec),
    ):
        yield _section(title, model)
    for rule in RULES:
        yield _section(f"rules.yaml: `kind: {_kind(rule.config)}`", rule.config)


def _kind(config: type[BaseModel]) -> str:
    found = get_args(config.model_fields["kind"].annotation)[0]
    return str(found.value if isinstance(found, Enum) else found)


def _section(title: str, model: type[BaseModel]) -> str:
    lines = [f"## {title}", "", "| key | value | default |", "|---|---|---|"]
    lines += [
        f"| `{key}` | {_cell(_type(info.annotation) + _limits(info))} | {_cell(_default(info))} |"
        for key, info in keys(model)
    ]
    return "\n".join(lines) + "\n"


def keys(model: type[BaseModel], under: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of a model and of the models in it; `[]` stands for an entry of a list."""
    for name, info in model.model_fields.items():
        key = f"{under}{info.alias or name}"
        yield key, info
        for inner, mark in _inside(info.annotation):
            yield from keys(inner, f"{key}{mark}.")


def _inside(annotation: Any, mark: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, mark
    elif get_origin(annotation) is dict:
        yield from _inside(get_args(annotation)[1], mark + ".<name>")
    else:
        listed = "[]" if get_origin(annotation) in (tuple, list) else ""
        seen: set[type[BaseModel]] = set()
        for part in get_args(annotation):
            for model, inner in _inside(part, mark + listed):
                if model not in seen:
                    seen.add(model)
                    yield model, inner


def _type(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return "null"
    if isinstance(annotation, type) and not parts:
        return _plain(annotation)
    name = getattr(origin, "__name__", str(origin))
    if name in ("tuple", "list"):
        inner = [_type(part) for part in parts if part is not Ellipsis]
        return f"list of {inner[0]}" if Ellipsis in parts else f"[{', '.join(inner)}]"
    if name == "dict":
        return f"{_type(parts[0])} → {_type(parts[1])}"
    if name == "Literal":
        return " \\| ".join(f"`{p.value if isinstance(p, Enum) else p}`" for p in parts)
    if name == "Annotated":
        return _type(parts[0])
    return " \\| ".join(dict.fromkeys(_type(part) for part in parts))


def _plain(kind: type) -> str:
    if issubclass(kind, Enum):
        return " \\| ".join(f"`{member.value}`" for member in kind)
    if issubclass(kind, BaseModel):
        return "keys"
    if issubclass(kind, SecretStr):
        return "secret text"
    return NAMES.get(kind.__name__, kind.__name__)


def _limits(info: FieldInfo) -> str:
    said = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        f"{sign} {getattr(limit, name):g}"
        for limit in info.metadata
        if isinstance(limit, BaseMetadata)
        for name, sign in said.items()
        if hasattr(limit, name)
    ]
    return f" {', '.join(found)}" if found else ""


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or isinstance(value, BaseModel | dict):
        return "–"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(getattr(v, 'value', v)) for v in value)}]`" if value else "none"
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{getattr(value, 'value', value)}`"


def _cell(text: str) -> str:
    return text.replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(reference())
