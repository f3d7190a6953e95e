"""Administrative grids with their validity, and what cameras and sensors are bound to."""

from sqlalchemy import Boolean, Double, Index, Integer, Table, Text

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

grids = Table(
    "grids",
    metadata,
    plain("id", Text, primary_key=True),
    plain("code", Text, nullable=False),
    plain("scheme", Text, nullable=False),
    plain("kind", Text, nullable=False),
    plain("tier", Integer, nullable=False),
    plain("name", Text, nullable=False),
    plain("parent_code", Text),
    plain("geometry", Json, nullable=False),
    plain("centre", Text),
    plain("valid_from", Epoch, nullable=False),
    plain("valid_to", Epoch),
    plain("managed_by", Text, nullable=False),
    plain("origin", Text),
    # The versions it begins and ends with; 0: of before they were numbered.
    plain("version", Integer, nullable=False, default=0),
    plain("ended_in", Integer),
    # In force, as the centre has put it: who asks for the present needs no clock.
    plain("present", Boolean, nullable=False, default=True),
)
Index("ix_grids_code", grids.c.code)
Index("ix_grids_parent_code", grids.c.parent_code)
Index("ix_grids_version", grids.c.version)

grid_versions = Table(
    "grid_versions",
    metadata,
    plain("no", Integer, primary_key=True, autoincrement=False),
    plain("at", Epoch, nullable=False),
    personal("by", Text, nullable=False, purpose="who redrew the grids", keep_days=1095),
    plain("why", Text, nullable=False),
    plain("exception", Text, nullable=False),
    plain("valid_from", Epoch, nullable=False),
    plain("managed_by", Text, nullable=False),
    plain("origin", Text),
    plain("added", Integer, nullable=False),
    plain("changed", Integer, nullable=False),
    plain("retired", Integer, nullable=False),
    plain("settled_at", Epoch),
    plain("withdrawn_at", Epoch),
    personal("withdrawn_by", Text, purpose="who withdrew a redraw", keep_days=1095),
)

camera_bindings = Table(
    "camera_bindings",
    metadata,
    plain("camera_id", Text, primary_key=True),
    plain("grid_code", Text, primary_key=True),
    plain("how", Text, primary_key=True),
    plain("kind", Text, nullable=False),
    plain("share", Double, nullable=False),
    plain("confidence", Double, nullable=False),
    plain("primary_grid", Boolean, nullable=False),
    plain("bound_at", Epoch, nullable=False),
)
Index("ix_camera_bindings_grid_code", camera_bindings.c.grid_code)

sensor_bindings = Table(
    "sensor_bindings",
    metadata,
    plain("sensor_id", Text, primary_key=True),
    plain("grid_code", Text, nullable=False),
    plain("bound_at", Epoch, nullable=False),
)
Index("ix_sensor_bindings_grid_code", sensor_bindings.c.grid_code)
