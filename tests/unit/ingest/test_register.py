"""The registers of sources: secrets apart, files and the API beside each other, all in the feed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.ingest import repository, service
from hub.kit.errors import Conflict
from hub.store import feed
from hub.store.db import Database
from hub.store.managed import Changes
from hub.store.secrets import SecretBox
from hub.types.site import (
    BrokerSpec,
    CameraSpec,
    Credentials,
    OwnerKind,
    PlaceClass,
    SensorSpec,
    Stream,
)

BROKER = BrokerSpec(id="b-1", host="mqtt.town", username="hub", password=SecretStr("br0ker"))
SENSOR = SensorSpec(
    id="smoke-1", name="Smoke", owner_kind=OwnerKind.SCHOOL, owner="School", protocol="http",
    token=SecretStr("t0ken"),
)  # fmt: skip
CAMERA = CameraSpec(
    id="gate-1",
    name="Gate",
    owner_kind=OwnerKind.SCHOOL,
    owner="School",
    place_class=PlaceClass.SCHOOL_GATE,
    main=Stream(url="rtsp://10.0.0.1/main"),
    credentials=Credentials(username="hub", password=SecretStr("c4mera")),
)


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox(tmp_path / "key")


def test_each_kind_goes_in_and_out_with_its_secret_apart(db: Database, box: SecretBox) -> None:
    with db.write() as tx:
        service.cameras(box).create(tx, CAMERA, 1.0)
        service.sensors(box).create(tx, SENSOR, 1.0)
        service.brokers(box).create(tx, BROKER, 1.0)
        shown = (
            service.cameras().get(tx, "gate-1"),
            service.sensors().get(tx, "smoke-1"),
            service.brokers().get(tx, "b-1"),
        )
        assert all(entry.secret_set for entry in shown)
        for secret in ("c4mera", "t0ken", "br0ker"):
            assert all(secret not in entry.spec.model_dump_json() for entry in shown)
        assert service.cameras(box).unlocked(tx, "gate-1") == CAMERA
        assert service.sensors(box).unlocked(tx, "smoke-1") == SENSOR
        assert service.brokers(box).unlocked(tx, "b-1") == BROKER
        assert service.sensor_token(tx, "smoke-1", box) == "t0ken"
    with db.read() as tx:
        assert [(c.topic, c.entity_id) for c in feed.after(tx, 0)] == [
            ("camera", "gate-1"),
            ("sensor", "smoke-1"),
            ("broker", "b-1"),
        ]


def test_the_stored_spec_is_a_whole_spec_by_itself(db: Database, box: SecretBox) -> None:
    with db.write() as tx:
        service.cameras(box).create(tx, CAMERA, 1.0)
        (entry,) = repository.cameras(box).list(tx)
    assert CameraSpec.model_validate(entry.spec).credentials == Credentials(
        username="hub", password=SecretStr("")
    )


def test_a_file_is_taken_over_once_and_what_leaves_it_is_disabled(
    db: Database, box: SecretBox
) -> None:
    register = service.cameras(box)
    with db.write() as tx:
        assert register.sync_file(tx, [CAMERA], "cameras.yaml", 1.0).added == ("gate-1",)
    with db.write() as tx:
        assert register.sync_file(tx, [CAMERA], "cameras.yaml", 2.0) == Changes(
            unchanged=("gate-1",)
        )
        with pytest.raises(Conflict, match=r"cameras\.yaml"):
            register.update(tx, CAMERA, 3.0)
        assert register.sync_file(tx, [], "cameras.yaml", 4.0).disabled == ("gate-1",)
        assert register.get(tx, "gate-1").enabled is False
    with db.read() as tx:  # nothing is said of what stays as it is
        assert [c.body for c in feed.after(tx, 0)] == [{"what": "added"}, {"what": "disabled"}]


def test_a_disabled_sensor_has_no_token_that_counts(db: Database, box: SecretBox) -> None:
    with db.write() as tx:
        service.sensors(box).create(tx, SENSOR.model_copy(update={"enabled": False}), 1.0)
        assert service.sensor_token(tx, "smoke-1", box) is None
        assert service.sensor_token(tx, "none", box) is None


def test_same_asks_for_the_secret_only_where_one_is_given(db: Database, box: SecretBox) -> None:
    register = service.cameras(box)
    other = Credentials(username="hub", password=SecretStr("other"))
    unsaid = Credentials(username="hub", password=SecretStr(""))
    with db.write() as tx:
        assert not register.same(tx, CAMERA)
        register.create(tx, CAMERA, 1.0)
        assert register.same(tx, CAMERA)
        assert register.same(tx, CAMERA.model_copy(update={"credentials": unsaid}))
        assert not register.same(tx, CAMERA.model_copy(update={"credentials": other}))
        assert not register.same(tx, CAMERA.model_copy(update={"credentials": None}))
