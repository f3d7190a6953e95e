"""A small sound configuration, and everything that can be wrong with it."""

from __future__ import annotations

from typing import Any

GRIDS: dict[str, Any] = {
    "type": "FeatureCollection",
    "datum": "wgs84",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "990101000000000", "name": "县", "centre": "county"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[103, 38], [104, 38], [104, 39], [103, 39], [103, 38]]],
            },
        }
    ],
}
CAMERAS = """\
cameras:
  - id: cam-1
    name: 一号
    owner_kind: school
    owner: 中学
    place_class: school_gate
    main: {url: "rtsp://10.0.0.1/main"}
    position: {lon: 103.5, lat: 38.5, datum: wgs84}
    zones:
      - {id: gate, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}
    lines:
      - {id: kerb, a: [0, 0.5], b: [1, 0.5]}
    rules:
      - {rule: stay, zone: gate}
      - {rule: cross, line: kerb}
"""
RULES = """\
rules:
  - {id: stay, kind: zone_intrusion}
  - {id: cross, kind: line_crossing}
  - {id: smoke, kind: sensor_threshold, quantity: ppm, above: 80}
"""
SENSORS = """\
brokers:
  - {id: b, host: 10.0.0.9}
sensors:
  - id: smoke-1
    name: 烟感
    owner_kind: school
    owner: 中学
    broker: b
    topic: s/1
    readings: [{quantity: ppm, path: data.ppm}]
    position: {lon: 103.5, lat: 38.5, datum: wgs84}
    rules: [smoke]
"""
DISPATCH = "centres: [{id: county, name: 县}]\ndefault_centre: county\n"

# What is changed in which file, and the line and words that must be told.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "unknown key": (
        "cameras.yaml",
        "    owner: 中学",
        "    owner: 中学\n    colour: red",
        "cameras.yaml:6: cameras[cam-1].colour: unknown key",
    ),
    "missing key": (
        "cameras.yaml",
        "    owner: 中学\n",
        "",
        "cameras.yaml:2: cameras[cam-1].owner: is missing",
    ),
    "unknown key at the top": (
        "rules.yaml",
        "rules:",
        "rulez: 1\nrules:",
        "rules.yaml:1: rulez: unknown key",
    ),
    "dangling rule": (
        "cameras.yaml",
        "{rule: stay, zone: gate}",
        "{rule: sty, zone: gate}",
        "cameras.yaml:14: cameras[cam-1].rules[sty].rule: there is no rule sty in rules.yaml",
    ),
    "dangling zone": (
        "cameras.yaml",
        "zone: gate",
        "zone: gaet",
        "cameras.yaml:14: cameras[cam-1].rules[stay].zone: the camera has no zone gaet",
    ),
    "dangling line": (
        "cameras.yaml",
        "line: kerb",
        "line: curb",
        "cameras.yaml:15: cameras[cam-1].rules[cross].line: the camera has no line curb",
    ),
    "rule without its zone": (
        "cameras.yaml",
        "{rule: stay, zone: gate}",
        "{rule: stay}",
        "cameras.yaml:14: cameras[cam-1].rules[stay].rule: rule stay: zone_intrusion wants a zone",
    ),
    "sensor rule at a camera": (
        "cameras.yaml",
        "{rule: stay, zone: gate}",
        "{rule: smoke}",
        "cameras.yaml:14: cameras[cam-1].rules[smoke].rule: rule smoke: sensor_threshold is for a",
    ),
    "rule used twice": (
        "cameras.yaml",
        "      - {rule: cross, line: kerb}",
        "      - {rule: cross, line: kerb}\n      - {rule: cross, line: kerb}",
        "cameras.yaml:16: cameras[cam-1].rules[cross]: the rule cross is used twice",
    ),
    "sensitive place": (
        "cameras.yaml",
        "school_gate",
        "sensitive",
        "cameras.yaml:14: cameras[cam-1].rules[stay].rule: rule stay: zone_intrusion is not a saf",
    ),
    "crossing zone": (
        "cameras.yaml",
        "[1, 1], [0, 1]",
        "[0, 1], [1, 1]",
        "cameras.yaml:10: cameras[cam-1].zones[gate].polygon: the polygon crosses itself: the",
    ),
    "zone outside the picture": (
        "cameras.yaml",
        "[1, 1], [0, 1]",
        "[1, 1.2], [0, 1]",
        "cameras.yaml:10: cameras[cam-1].zones[gate].polygon[2][1]: Input should be less than or",
    ),
    "line without length": (
        "cameras.yaml",
        "b: [1, 0.5]",
        "b: [0, 0.5]",
        "cameras.yaml:12: cameras[cam-1].lines[kerb]: the line has no length",
    ),
    "unknown model": (
        "cameras.yaml",
        "    owner: 中学",
        "    owner: 中学\n    model: yolo99",
        "cameras.yaml:6: cameras[cam-1].model: there is no model yolo99",
    ),
    "impossible value": (
        "cameras.yaml",
        "lat: 38.5",
        "lat: 138.5",
        "cameras.yaml:8: cameras[cam-1].position.lat: Input should be less than or equal to 90",
    ),
    "no number": (
        "cameras.yaml",
        "lat: 38.5",
        "lat: .nan",
        "cameras.yaml:8: cameras[cam-1].position.lat: .nan is not a finite number",
    ),
    "no datum": (
        "cameras.yaml",
        ", datum: wgs84",
        "",
        "cameras.yaml:8: cameras[cam-1].position.datum: is missing",
    ),
    "half a view": (
        "cameras.yaml",
        "    zones:",
        "    view: {azimuth_deg: 10}\n    zones:",
        "cameras.yaml:9: cameras[cam-1].view: a view wants both angles; fov_deg is missing",
    ),
    "three ground points": (
        "cameras.yaml",
        "    zones:",
        "    view: {ground_points: [{x: 0, y: 0, lon: 103.5, lat: 38.5}]}\n    zones:",
        "cameras.yaml:9: cameras[cam-1].view.ground_points: a calibration wants at least four",
    ),
    "address outside the ranges": (
        "cameras.yaml",
        "10.0.0.1",
        "8.8.8.8",
        "cameras.yaml:7: cameras[cam-1].main.url: 8.8.8.8 leads to 8.8.8.8, outside the allowed",
    ),
    "scheme that is not allowed": (
        "cameras.yaml",
        "rtsp://",
        "http://",
        "cameras.yaml:7: cameras[cam-1].main.url: scheme 'http' is not allowed",
    ),
    "password in the address": (
        "cameras.yaml",
        "rtsp://",
        "rtsp://admin:geheim@",
        "cameras.yaml:7: cameras[cam-1].main.url: name and password belong under credentials",
    ),
    "duplicate key": (
        "cameras.yaml",
        "    owner: 中学",
        "    owner: 中学\n    owner: 小学",
        "cameras.yaml:6: cameras[cam-1].owner: the key stands twice (first on line 5)",
    ),
    "duplicate id": (
        "rules.yaml",
        "id: cross",
        "id: stay",
        "rules.yaml:3: rules[stay].id: the id stay is given twice",
    ),
    "impossible rule": (
        "rules.yaml",
        "kind: zone_intrusion",
        "kind: zone_intrusion, dwell_s: -1",
        "rules.yaml:2: rules[stay].dwell_s: Input should be greater than or equal to 0",
    ),
    "unknown rule kind": (
        "rules.yaml",
        "kind: zone_intrusion",
        "kind: face_recognition",
        "rules.yaml:2: rules[stay].kind: no such kind; known: zone_intrusion, line_crossing, ",
    ),
    "unknown object kind": (
        "rules.yaml",
        "kind: zone_intrusion",
        "kind: zone_intrusion, kinds: [face]",
        "rules.yaml:2: rules[stay].kinds[0]: Input should be 'person'",
    ),
    "a kind the model cannot see": (
        "rules.yaml",
        "kind: zone_intrusion",
        "kind: zone_intrusion, kinds: [fire]",
        "cameras.yaml:14: cameras[cam-1].rules[stay].rule: the model nanodet-m-416 sees none",
    ),
    "unknown broker": (
        "sensors.yaml",
        "broker: b",
        "broker: x",
        "sensors.yaml:8: sensors[smoke-1].broker: there is no broker x",
    ),
    "mqtt without a topic": (
        "sensors.yaml",
        "    topic: s/1\n",
        "",
        "sensors.yaml:4: sensors[smoke-1].topic: an mqtt sensor wants a topic",
    ),
    "wildcard": (
        "sensors.yaml",
        "topic: s/1",
        "topic: s/#",
        "sensors.yaml:9: sensors[smoke-1].topic: a topic of one sensor has no wildcards",
    ),
    "bad path": (
        "sensors.yaml",
        "data.ppm",
        "data..ppm",
        "sensors.yaml:10: sensors[smoke-1].readings[0].path: 'data..ppm' is no path",
    ),
    "a quantity nobody reads": (
        "sensors.yaml",
        "quantity: ppm",
        "quantity: temperature",
        "sensors.yaml:12: sensors[smoke-1].rules[0]: the rule smoke is about ppm, which this",
    ),
    "camera rule at a sensor": (
        "sensors.yaml",
        "rules: [smoke]",
        "rules: [stay]",
        "sensors.yaml:12: sensors[smoke-1].rules[0]: rule stay: zone_intrusion is for a camera",
    ),
    "a sensor with a camera's id": (
        "sensors.yaml",
        "id: smoke-1",
        "id: cam-1",
        "sensors.yaml:4: sensors[cam-1].id: a camera has the same id",
    ),
    "missing secret": (
        "sensors.yaml",
        "host: 10.0.0.9",
        "host: 10.0.0.9, password: '${NO_SUCH_SECRET}'",
        "sensors.yaml:2: brokers[b].password: the environment variable NO_SUCH_SECRET is not set",
    ),
    "unknown default centre": (
        "dispatch.yaml",
        "default_centre: county",
        "default_centre: town",
        "dispatch.yaml:1: default_centre: there is no centre 'town'",
    ),
    "a grid's unknown centre": (
        "grids.geojson",
        '"centre": "county"',
        '"centre": "moon"',
        "grids.geojson:10: features[0].properties.centre: there is no centre moon",
    ),
    "a grid's bad code": (
        "grids.geojson",
        "990101000000000",
        "99010100000000",
        "grids.geojson:5: features[0]: bad_code: cn15 codes have 15 digits",
    ),
    "a grid without a name": (
        "grids.geojson",
        '"name": "\\u53bf",',
        "",
        "grids.geojson:7: features[0].properties.name: is missing",
    ),
    "bad YAML": (
        "rules.yaml",
        "rules:",
        "rules: [",
        "rules.yaml:2: bad YAML: ",
    ),
    "bad JSON": (
        "grids.geojson",
        '"datum": "wgs84",',
        '"datum": "wgs84"',
        "grids.geojson:4: bad JSON: Expecting ',' delimiter",
    ),
    "no datum of the grids": (
        "grids.geojson",
        '"datum": "wgs84",',
        "",
        "grids.geojson:1: datum: is missing",
    ),
}
