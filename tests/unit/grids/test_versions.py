"""A redraw is one version: in force by itself at its moment, taken back before, never rewritten."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from hub.grids import repository, service
from hub.grids.collection import GridCollection
from hub.grids.plan import Missing, Terms
from hub.grids.redraw import preview
from hub.grids.topology import FaultKind
from hub.grids.versions import service as versions
from hub.grids.versions.version import VersionState
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import counted_ids
from hub.store import ground
from hub.store.db import Database

from .town import Feature, collection, feature, rectangle, town_features

VILLAGE = "990101100201000"
WEST, EAST, NORTH, LAST = (f"99010110020100{n}" for n in (1, 2, 3, 4))
DAY = 86400.0


def joined() -> list[Feature]:
    """The town with the first two base grids made into one."""
    features = [f for f in town_features() if f["properties"]["code"] not in (WEST, EAST)]
    return [*features, feature("990101100201005", rectangle(0, 0, 1000, 500))]


def renamed() -> list[Feature]:
    features = town_features()
    features[0]["properties"]["name"] = "新县"
    return features


class Office:
    """Redraws on a clock that moves only when told."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = 1_700_000_000.0
        self.ids = counted_ids("g")

    def bring(self, given: GridCollection, **terms: Any) -> service.Report:
        self.now += 60
        exception = terms.pop("exception", "")
        with self.db.write() as tx:
            return service.import_features(
                tx,
                given,
                now=self.now,
                ids=self.ids,
                managed_by="api",
                actor="liu",
                exception=exception,
                terms=Terms(**{"missing": Missing.END, **terms}),
            )

    def settle(self) -> list[int]:
        with self.db.write() as tx:
            return list(versions.settle(tx, self.now))

    def codes(self, at: float | None = None) -> set[str]:
        with self.db.read() as tx:
            return {stored.grid.code for stored in service.drawing(tx, at)}

    def states(self) -> dict[int, str]:
        with self.db.read() as tx:
            return {each.no: state.value for each, state in versions.versions(tx)}

    def stamp(self) -> str:
        with self.db.read() as tx:
            return service.stamp(tx)


@pytest.fixture
def office(db: Database) -> Office:
    office = Office(db)
    assert office.bring(collection(), why="first survey").version == 1
    return office


def test_a_version_says_who_when_and_why(office: Office) -> None:
    report = office.bring(collection(joined()), why="minutes 7")
    assert (report.version, report.planned) == (2, False)
    with office.db.read() as tx:
        (newest, state), (first, before) = versions.versions(tx)
    assert (newest.by, newest.why, newest.at, newest.valid_from) == (
        "liu", "minutes 7", office.now, office.now,
    )  # fmt: skip
    assert (newest.added, newest.changed, newest.retired) == (1, 0, 2)
    assert (first.added, first.why) == (27, "first survey")
    assert (state, before) == (VersionState.IN_FORCE, VersionState.PAST)
    assert not office.bring(collection(joined())).wrote
    assert len(office.states()) == 2, "what changes nothing is no version"


def test_a_planned_redraw_takes_effect_by_itself_at_its_moment(office: Office) -> None:
    new_year = office.now + DAY
    before = office.stamp()
    report = office.bring(collection(joined()), valid_from=new_year)
    assert report.planned
    assert WEST in office.codes()
    assert office.stamp() == before, "nothing is made anew for what is only planned"
    assert office.states() == {1: "in_force", 2: "planned"}
    assert office.settle() == []
    office.now = new_year - 1
    assert office.settle() == []
    office.now = new_year
    assert office.settle() == [2]
    assert office.settle() == []
    assert WEST not in office.codes()
    assert office.stamp() != before
    assert office.states() == {1: "past", 2: "in_force"}
    with office.db.read() as tx:
        (newest, _), _ = versions.versions(tx)
    assert newest.valid_from == new_year


def test_one_that_was_due_while_no_centre_ran_counts_from_its_own_moment(office: Office) -> None:
    new_year = office.now + DAY
    office.bring(collection(joined()), valid_from=new_year)
    office.bring(
        collection(
            [*joined(), feature("990101100201901", rectangle(1, 1, 9, 9), kind="dedicated")]
        ),
        valid_from=new_year + DAY,
        missing=Missing.STAY,
    )
    office.now = new_year + 3 * DAY
    assert office.settle() == [2, 3]
    assert WEST in office.codes(new_year - 1)
    assert WEST not in office.codes(new_year)
    assert "990101100201901" not in office.codes(new_year)
    assert "990101100201901" in office.codes(new_year + DAY)


def test_the_drawing_of_any_moment_can_be_asked_for(office: Office) -> None:
    was, new_year = office.now, office.now + DAY
    office.bring(collection(renamed()))
    office.bring(collection(joined()), valid_from=new_year)
    assert office.codes(was - 1) == set()
    assert office.codes(was) == office.codes(new_year - 1)
    assert "990101100201005" in office.codes(new_year)
    with office.db.read() as tx:
        names = {s.grid.code: s.grid.name for s in service.drawing(tx, was)}
        later = {s.grid.code: s.grid.name for s in service.drawing(tx)}
        (told,) = service.names(tx, [town_features()[0]["properties"]["code"]])
        assert service.names(tx, ["990101100201005"]) == [], "what is planned has no name yet"
    county = town_features()[0]["properties"]["code"]
    assert (names[county] != "新县", later[county], told.name) == (True, "新县", "新县")


def test_what_a_grid_was_is_and_will_be(office: Office) -> None:
    moved = town_features()
    for one in moved:
        if one["properties"]["code"] == WEST:
            one["geometry"]["coordinates"] = [rectangle(0, 0, 400, 500)]
            one["properties"]["name"] = "河西"
        if one["properties"]["code"] == EAST:
            one["geometry"]["coordinates"] = [rectangle(400, 0, 1000, 500)]
    office.bring(collection(moved))
    office.bring(collection(joined()), valid_from=office.now + DAY)
    with office.db.read() as tx:
        new, old = versions.history(tx, WEST)
        (coming,) = versions.history(tx, "990101100201005")
        with pytest.raises(NotFound):
            versions.history(tx, "nowhere")
    assert (new.stored.grid.name, old.stored.grid.name) == ("河西", "格100201001")
    assert old.stored.valid_to == new.stored.valid_from
    assert shapely.area(old.stored.grid.geometry) > shapely.area(new.stored.grid.geometry)
    assert old.path == ("990101000000000", "990101100000000", VILLAGE, WEST)
    assert coming.path[-2:] == (VILLAGE, "990101100201005")
    assert coming.stored.version == 3


def test_nothing_is_redrawn_in_the_past_nor_before_the_newest(office: Office) -> None:
    with pytest.raises(Conflict) as refused:
        office.bring(collection(joined()), valid_from=office.now - 1)
    assert refused.value.code == "in_the_past"
    new_year = office.now + DAY
    office.bring(collection(joined()), valid_from=new_year)
    for earlier in (None, new_year - 1):
        with pytest.raises(Conflict) as refused:
            office.bring(collection(renamed()), valid_from=earlier)
        assert refused.value.code == "not_newest"
    assert office.bring(collection(renamed()), valid_from=new_year + 1).version == 3


def test_a_planned_redraw_is_withdrawn_before_it_counts(office: Office) -> None:
    new_year = office.now + DAY
    office.bring(collection(joined()), valid_from=new_year)
    office.bring(collection(renamed()), valid_from=new_year + 1)

    def withdraw(no: int) -> None:
        with office.db.write() as tx:
            versions.withdraw(tx, no, "wang", office.now, office.ids)

    with pytest.raises(Conflict) as refused:
        withdraw(2)
    assert refused.value.code == "not_newest"
    with pytest.raises(Conflict) as refused:
        withdraw(1)
    assert refused.value.code == "version_in_force"
    with pytest.raises(NotFound):
        withdraw(9)
    withdraw(3)
    withdraw(2)
    with pytest.raises(Conflict) as refused:
        withdraw(2)
    assert refused.value.code == "version_withdrawn"
    assert office.states() == {1: "in_force", 2: "withdrawn", 3: "withdrawn"}
    assert WEST in office.codes(new_year + DAY)
    office.now = new_year + DAY
    assert office.settle() == []
    assert office.bring(collection(joined())).version == 4, "a number is given once"
    with office.db.read() as tx:
        (told, _) = versions.version(tx, 2)
        assert versions.changes(tx, 2) == ()
    assert (told.withdrawn_by, told.retired) == ("wang", 2)


def test_one_whose_moment_has_come_is_not_withdrawn_though_no_centre_ran(office: Office) -> None:
    office.bring(collection(joined()), valid_from=office.now + DAY)
    office.now += 2 * DAY
    with office.db.write() as tx, pytest.raises(Conflict) as refused:
        versions.withdraw(tx, 2, "wang", office.now, office.ids)
    assert refused.value.code == "version_in_force"


def test_a_version_tells_its_changes_for_ever(office: Office) -> None:
    office.bring(collection(joined()), valid_from=office.now + DAY)
    with office.db.read() as tx:
        planned = versions.changes(tx, 2)
    office.now += 2 * DAY
    office.settle()
    office.bring(collection())
    with office.db.read() as tx:
        found = {change.code: change for change in versions.changes(tx, 2)}
        first = versions.changes(tx, 1)
    assert [change.code for change in planned] == list(found)
    assert found["990101100201005"].origins == (WEST, EAST)
    assert found[WEST].heirs == ("990101100201005",)
    assert len(first) == 27


def test_what_was_previewed_is_what_happens(office: Office) -> None:
    given = collection(joined())
    terms = Terms(missing=Missing.END)

    def look() -> str:
        with office.db.read() as tx:
            return preview(tx, given, terms=terms).seen

    seen = look()
    assert look() == seen
    office.bring(collection(renamed()))
    with pytest.raises(Conflict) as refused:
        office.bring(given, seen=seen)
    assert refused.value.code == "grids_changed"
    seen = look()
    with pytest.raises(Conflict) as refused:
        office.bring(collection(town_features()), seen=seen)
    assert refused.value.code == "grids_changed"
    with pytest.raises(Conflict) as refused:
        office.bring(given, seen=seen, missing=Missing.STAY)
    assert refused.value.code == "grids_changed"
    office.bring(given, seen=seen, why="decided")
    assert WEST not in office.codes()


def test_a_preview_writes_nothing_and_names_all_that_changes(office: Office) -> None:
    with office.db.read() as tx:
        found = preview(tx, collection(joined()), terms=Terms(missing=Missing.END))
        assert repository.stamp(tx) == office.stamp()
    assert found.sound
    assert found.faults == ()
    assert found.retired == {WEST: ("990101100201005",), EAST: ("990101100201005",)}
    assert found.centres_lost == ()
    assert found.newest is not None
    assert found.newest.no == 1


def test_a_centre_that_no_grid_names_any_more_is_told(office: Office) -> None:
    without = town_features()
    del without[0]["properties"]["centre"]
    with office.db.read() as tx:
        assert preview(tx, collection(without), terms=Terms()).centres_lost == ("county",)


def test_police_and_civil_grids_are_redrawn_apart(office: Office) -> None:
    police = [f for f in town_features() if f["properties"].get("kind") == "police"]
    all_of_it = feature("JW-9", rectangle(0, 0, 2000, 2000), kind="police", scheme="plain")
    report = office.bring(collection([all_of_it]))
    assert set(report.retired) == {f["properties"]["code"] for f in police}
    assert VILLAGE in office.codes()


def test_a_town_is_redrawn_apart(office: Office) -> None:
    half = [f for f in joined() if f["properties"]["code"].startswith("990101100201")]
    report = office.bring(collection(half), under=VILLAGE)
    assert set(report.retired) == {WEST, EAST}
    with pytest.raises(NotFound):
        office.bring(collection(half), under="nowhere")


def test_what_lies_below_a_grid_that_ends_is_not_stranded(office: Office) -> None:
    features = [f for f in joined() if f["properties"]["code"] != VILLAGE]
    children = [f for f in features if f["properties"]["code"] in (NORTH, LAST)]
    report = office.bring(collection(features), exception="please")
    assert not report.accepted
    missing = [f for f in report.faults if f.kind is FaultKind.MISSING_PARENT]
    assert {fault.codes[0] for fault in missing} >= {c["properties"]["code"] for c in children}
    assert all(fault.shape is not None and not fault.shape.is_empty for fault in report.faults)


def test_queries_on_the_ground_see_the_present_only(office: Office) -> None:
    new_year = office.now + DAY
    office.bring(collection(joined()), valid_from=new_year)
    with office.db.read() as tx:
        paths = ground.paths(tx, [WEST, "990101100201005"])
    assert paths[WEST][:-1] == ("990101000000000", "990101100000000", VILLAGE)
    assert paths["990101100201005"] == ("990101100201005",)
    office.now = new_year
    office.settle()
    with office.db.read() as tx:
        assert ground.paths(tx, [WEST])[WEST] == (WEST,)
