"""The made-up network: every planned thing counts in the tables, and nothing else does."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.demo.network import plant
from bench.demo.region import alerts
from bench.demo.region.members import network
from bench.demo.region.year import MACHINES, REVOKED, SILENT, SILENT_DAYS, Year
from bench.documents.french_rules import check_price, french_rules
from bench.grading.recorded import machine_of
from bench.records import persons
from bench.records.errors import RecordsError
from bench.records.kinds import kinds
from bench.records.log import Log, SystemClock, open_bench
from labels.identifier import Identifier, is_demo, parse

TODAY = datetime.date(2026, 11, 30)
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("network") / "data"
    plant(place, TODAY)
    return place


@pytest.fixture(scope="module")
def log(folder: Path) -> Iterator[Log]:
    opened = open_bench(folder, SystemClock())
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def year() -> Year:
    planned = Year(TODAY)
    planned.acts += alerts.planned(planned)
    return planned


def counted(log: Log, table: str, column: str) -> dict[str, int]:
    return dict(log.store.query(f"SELECT {column}, count(*) FROM {table} GROUP BY 1"))


def test_every_machine_is_in_the_state_it_was_planned_in(log: Log, year: Year) -> None:
    assert counted(log, "machine", "state") == dict(year.states)
    assert year.states.total() == MACHINES
    assert set(year.states) == {
        "arrived", "probed", "finished", "reserved", "in_transit", "handed_over", "gone", "repair",
    }  # fmt: skip
    assert min(year.states.values()) >= 5


def test_machines_are_of_all_kinds_and_graded(log: Log) -> None:
    kinds_found = counted(log, "machine", "kind")
    assert set(kinds_found) == set(network().kinds)
    assert 0.5 < kinds_found["laptop"] / MACHINES < 0.6
    grades = counted(log, "machine WHERE state IN ('finished', 'handed_over')", "grade")
    assert set(grades) == set("ABCD")


def test_erasures_are_proven_but_for_those_that_failed(log: Log, year: Year) -> None:
    proven = log.store.query("SELECT count(*) FROM disk WHERE proven = 1")[0][0]
    assert proven == sum(machine.erased for machine in year.machines)
    claims = counted(log, "disk WHERE proven = 0", "claim")
    assert min(claims["failed"], claims["interrupted"], claims["none"]) > 0
    # What leaves for good leaves without data: erased, or its disk taken out.
    left = "m.state IN ('gone', 'handed_over') AND d.proven = 0 AND d.removed = ''"
    rows = log.store.query(
        f"SELECT m.kind FROM machine AS m JOIN disk AS d USING (device) WHERE {left}"
    )
    assert {kind for (kind,) in rows} <= {"disk"}


def test_lots_requests_and_transfers_are_as_planned(log: Log, year: Year) -> None:
    assert counted(log, "lot", "state") == Counter(lot.state for lot in year.lots)
    assert set(counted(log, "lot", "state")) == {"promised", "collected", "received", "closed"}
    assert counted(log, "request", "outcome") == Counter(r.outcome for r in year.requests)
    transfers = counted(log, "transfer", "state")
    assert transfers["in_transit"] == year.states["in_transit"]
    assert transfers["accepted"] == sum(machine.moved for machine in year.machines)
    of = dict(log.store.query("SELECT lot, count(*) FROM machine GROUP BY 1"))
    assert of == {lot.name: len(lot.machines) for lot in year.lots if lot.machines}
    assert len(log.store.query("SELECT 1 FROM lot WHERE state <> 'promised' AND donor = ''")) == 0


def test_days_hours_and_waste_count(log: Log, year: Year) -> None:
    planned: Counter[str] = Counter(act.type for act in year.acts)
    hours = [act.data["minutes"] for act in year.acts if act.type == "hours.noted"]  # type: ignore[index]
    ((minutes,),) = log.store.query("SELECT sum(minutes) FROM hours")
    assert minutes == sum(hours) + 30 * alerts.COPY_EVENTS
    ((closed,),) = log.store.query("SELECT count(*) FROM day WHERE closed = 1")
    assert closed == planned["day.closed"] > 50
    ((weighed,),) = log.store.query("SELECT sum(weight_g) FROM waste")
    waste = [act.data["weight_g"] for act in year.acts if act.type == "waste.weighed"]  # type: ignore[index]
    assert weighed == sum(waste) > 0


def test_prices_keep_under_the_caps(year: Year) -> None:
    for machine in year.machines:
        check_price(machine.kind, machine.price_cents, french_rules())
    assert any(machine.price_cents for machine in year.machines)


def test_every_event_says_what_its_kind_may(log: Log) -> None:
    for signed in log.store.events():
        assert kinds.read(signed.event.type, signed.event.data) is not None, signed.event.type
        if signed.event.type == "machine.probed":
            assert machine_of(signed.event.data["facts"]) is not None


def test_numbers_are_a_demonstrations_and_each_its_own(log: Log) -> None:
    assets = [asset for (asset,) in log.store.query("SELECT asset FROM machine")]
    assert len(set(assets)) == MACHINES
    assert all(is_demo(asset) and isinstance(parse(asset), Identifier) for asset in assets)
    assert log.demo


def test_the_tables_are_the_events_and_the_audit_finds_the_planted_alerts_alone(
    log: Log, year: Year
) -> None:
    before = log.store.state_hash()
    log.store.rebuild()
    assert log.store.state_hash() == before
    report = log.verify()
    assert report.ok
    found = Counter((notice.code, notice.bench) for notice in report.notices)
    assert found == {
        ("events_missing", alerts.bench_of(year, alerts.GAP).key.id): 1,
        ("fork", alerts.bench_of(year, alerts.COPIED).key.id): alerts.COPY_EVENTS,
        ("bench_revoked", alerts.bench_of(year, REVOKED).key.id): 1,
    }


def test_two_facts_are_contested(log: Log, year: Year) -> None:
    rows = log.store.query("SELECT subject, kind, detail FROM to_arbitrate ORDER BY kind")
    first, second = (f"machine:{each.place.device}" for each in alerts.contested(year))
    assert rows == [(first, "correction", "serial"), (second, "reservation", "twice")]


def test_who_found_a_lost_stick_counts_for_nothing(log: Log, year: Year) -> None:
    bench = alerts.bench_of(year, REVOKED).key.id
    ((after,),) = log.store.query("SELECT revoked_after FROM bench WHERE bench = ?", (bench,))
    late = log.store.query("SELECT count(*) FROM event WHERE bench = ? AND seq > ?", (bench, after))
    assert late == [(2,)]


def test_each_member_was_heard_of_but_one_for_six_weeks(log: Log, year: Year) -> None:
    last = dict(log.store.query("SELECT sender, at FROM bag_in"))
    assert set(last) == {member.desk.key.id for member in year.members}
    for member in year.members:
        quiet = (TODAY - datetime.date.fromisoformat(last[member.desk.key.id][:10])).days
        assert (quiet >= SILENT_DAYS - 1) == (member is year.members[SILENT])
    ((newest,),) = log.store.query("SELECT max(last_day) FROM machine")
    assert newest < TODAY.isoformat()


def test_the_region_coordinates_and_members_have_their_commune(log: Log, year: Year) -> None:
    rows = dict(log.store.query("SELECT bench, role FROM bench"))
    assert rows.pop(log.key.id) == "coordination"
    assert set(rows.values()) == {"bench"}
    sites = {site for (site,) in log.store.query("SELECT site FROM bench")}
    assert sites == {member.commune for member in year.members}
    assert log.store.query("SELECT count(*) FROM trust WHERE region = 1") == [(1,)]


def test_no_name_of_a_person_is_in_the_log(log: Log, year: Year) -> None:
    known = persons.everyone(log.store)
    assert len(known) == len(year.persons) > 50
    bodies = b"\n".join(body for (body,) in log.store.query("SELECT body FROM event"))
    for person in known:
        assert "ficti" in person.fields["name"]
        assert person.fields["name"].encode() not in bodies
        assert person.reference.encode() in bodies
    private = [person for person in known if person.keep_until]
    assert {person.fields["name"].split()[0] for person in private} == {"Personne"}


def test_two_plantings_of_one_day_are_the_same(log: Log, folder: Path, tmp_path: Path) -> None:
    plant(tmp_path / "again", TODAY)
    again = open_bench(tmp_path / "again", SystemClock())
    try:
        for table in ("person", "bag_in", "trust"):
            rows = f"SELECT * FROM {table} ORDER BY 1"
            assert again.store.query(rows) == log.store.query(rows)
        assert again.store.state_hash() == log.store.state_hash()
    finally:
        again.store.close()


def test_a_folder_in_use_is_left_alone(folder: Path) -> None:
    before = (folder / "etabli.db").stat().st_size
    with pytest.raises(RecordsError, match="key_exists"):
        plant(folder, TODAY)
    assert (folder / "etabli.db").stat().st_size == before
