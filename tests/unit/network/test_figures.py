"""The counters of the report, against a small record counted by hand and a large one by force."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.casefile.reading import lot_of
from bench.demo.network import plant
from bench.demo.region import alerts
from bench.demo.region.chains import day_of
from bench.demo.region.year import Year
from bench.documents.content import reuse_attestation
from bench.documents.impact import impact_of, standard_factors
from bench.documents.reuse_attestation import counted
from bench.network.figures import Figures, figures
from bench.records.log import Log, SystemClock, open_bench
from bench.records.lots import LotName, donor_of
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.setup.settings import Settings
from bench.words import catalogue
from tests import forge

Day = datetime.date
FIRST, LAST = Day(2026, 1, 1), Day(2026, 3, 31)
JOURNAL = "ab" * 32


def set_day(bench: forge.Bench, day: str) -> None:
    bench.clock.moment = datetime.datetime.fromisoformat(f"{day}T09:00:00+00:00")


class Small:
    """Two workshops' record of a winter, small enough to count on one's fingers."""

    def __init__(self, folder: Path) -> None:
        self.a, self.b = (keys.Key(forge.Noise(name)(32)) for name in "ab")
        self.one = forge.Bench("one", self.a, clock=forge.Clock())
        self.two = forge.Bench("two", self.b, clock=forge.Clock())
        self.log = forge.store_of(folder, "region", self.a, self.b)
        self.events: list[Signed] = []
        for bench in (self.one, self.two):
            set_day(bench, "2025-11-03")
            self.events += bench.opened()

    def note(self, bench: forge.Bench, type: str, data: dict[str, Any], **where: str) -> None:
        self.events.append(bench.make(type, data, supervisor=None, **where))

    def lot(self, bench: forge.Bench, lot: str, donor: str, day: str, *grams: int) -> None:
        set_day(bench, day)
        for weight in grams:
            self.note(bench, "lot.weighed", {"weight_g": weight}, lot=lot)
        self.note(bench, "lot.received", {"donor": donor, "count": 1}, lot=lot)

    def machine(
        self,
        bench: forge.Bench,
        day: str,
        *,
        kind: str,
        lot: str,
        panel: int = 0,
        claim: str = "clear",
    ) -> str:
        """One that arrives, is read, erased and finished on that day; gives its name."""
        set_day(bench, day)
        device = bench.device()
        disk = {"model": "Test", "serial": f"S-{device[:13]}", "size_bytes": 10**9}
        shown = [{"connector": "eDP-1", "internal": True, "year": panel}] if panel else []
        facts = {"identity": {"kind": kind}, "disks": [], "displays": shown}
        done = {"job": device, "disk": disk, "technique": "overwrite", "claim": claim}
        proof = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}}
        self.note(bench, "machine.arrived", {"kind": kind}, device=device, lot=lot)
        self.note(bench, "machine.probed", {"facts": facts}, device=device)
        self.note(bench, "erase.done", done | proof | {"journal_hash": JOURNAL}, device=device)
        self.note(bench, "visit.done", {}, device=device)
        return device


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    made = Small(tmp_path)
    one, two, note = made.one, made.two, made.note
    for donor, kind in (("town", "public"), ("firm", "company")):
        for bench in (one, two):  # each for its own lots
            note(bench, "donor.registered", {"donor": donor, "kind": kind})
    made.lot(one, "L0", "town", "2025-12-10", 500)  # the year before: the town comes back
    made.lot(one, "L1", "town", "2026-01-12", 5000, 2000)
    made.lot(two, "L2", "firm", "2026-02-02", 900)
    given = made.machine(one, "2026-01-13", kind="laptop", lot="L1", panel=2020)
    old = made.machine(one, "2026-01-13", kind="laptop", lot="L1", panel=2016)
    undated = made.machine(one, "2026-01-14", kind="desktop", lot="L1")
    parts = made.machine(one, "2026-01-14", kind="laptop", lot="L1", panel=2021, claim="failed")
    moved = made.machine(one, "2026-01-15", kind="laptop", lot="L1", panel=2021)
    waste = made.machine(two, "2026-02-03", kind="mini", lot="L2")
    taken_back = made.machine(two, "2026-02-03", kind="laptop", lot="L2")
    made.machine(two, "2026-04-01", kind="laptop", lot="L2")  # after the last day
    set_day(one, "2026-01-20")
    note(one, "machine.destined", {"destination": "weee"}, device=old)  # and thought better of
    for device in (old, undated):
        note(one, "machine.destined", {"destination": "reuse"}, device=device)
    note(one, "machine.destined", {"destination": "parts", "weight_g": 1700}, device=parts)
    note(one, "handover.done", {"price_cents": 100}, device=given)
    sent = {"transfer": "T1", "devices": [moved]}
    note(one, "transfer.sent", sent | {"to": made.b.id})
    set_day(two, "2026-02-10")
    note(two, "transfer.accepted", sent)
    note(two, "machine.destined", {"destination": "weee"}, device=waste)
    note(two, "handover.done", {}, device=taken_back)
    note(two, "handover.undone", {"reason": "broken"}, device=taken_back)
    set_day(two, "2026-03-31")
    note(two, "handover.done", {}, device=moved)
    set_day(one, "2026-03-02")
    for request, outcome in (("R1", "served"), ("R2", "withdrawn"), ("R3", "")):
        note(one, "request.made", {"request": request, "kind": "laptop"})
        if outcome:
            note(one, "request.closed", {"request": request, "outcome": outcome})
    note(one, "hours.noted", {"day": "2026-01-13", "step": "checks", "minutes": 90})
    note(two, "hours.noted", {"day": "2026-02-03", "step": "checks", "minutes": 30})
    note(two, "hours.noted", {"day": "2026-02-03", "step": "sorting", "minutes": 15})
    note(two, "hours.noted", {"day": "2025-12-31", "step": "sorting", "minutes": 60})
    note(one, "waste.weighed", {"kind": "cables", "weight_g": 400})
    made.log.store.add(made.events)
    yield made
    made.log.store.close()


def told(found: Figures) -> dict[str, tuple[int, dict[str, int]]]:
    return {key: (figure.total, figure.parts) for key, figure in found.counters.items()}


def test_a_small_record_is_counted_as_by_hand(small: Small) -> None:
    found = figures(small.log.store, FIRST, LAST)
    assert told(found) == {
        "machines_arrived": (7, {"laptop": 5, "desktop": 1, "mini": 1}),
        "machines_finished": (7, {"laptop": 5, "desktop": 1, "mini": 1}),
        "machines_handed_over": (2, {"laptop": 2}),
        "machines_to_parts": (1, {"laptop": 1}),
        "machines_to_weee": (1, {"mini": 1}),
        "disks_erased": (6, {"clear": 6}),
        "disks_not_erased": (1, {"failed": 1}),
        "lots_received": (2, {"public": 1, "company": 1}),
        "weight_received_g": (7900, {"public": 7000, "company": 900}),
        "waste_g": (400, {"cables": 400}),
        "minutes": (135, {"checks": 120, "sorting": 15}),
        "requests_made": (3, {"laptop": 3}),
        "requests_answered": (1, {"laptop": 1}),
        "transfers": (1, {"": 1}),
        "donors": (2, {"public": 1, "company": 1}),
        "donors_new": (1, {"new": 1, "returning": 1}),
    }
    assert found.months == ("2026-01", "2026-02", "2026-03")
    assert found.counters["machines_handed_over"].months == (1, 0, 1)
    assert found.counters["minutes"].months == (90, 45, 0)


def test_a_public_donors_rate_counts_what_is_young_dated_and_reused(small: Small) -> None:
    """Two of five: not the one of 2016, the one nobody can date, the one gone to parts."""
    reuse = figures(small.log.store, FIRST, LAST).reuse
    assert (reuse.counted, reuse.machines, reuse.percent) == (2, 5, 40)
    assert (reuse.target_percent, reuse.max_age_years) == (50, 10)
    nobody = figures(small.log.store, Day(2026, 3, 1), LAST).reuse
    assert (nobody.machines, nobody.percent) == (0, None)


def test_a_workshop_has_what_it_did_and_hands_over_what_it_holds(small: Small) -> None:
    of_a = figures(small.log.store, FIRST, LAST, small.a.id)
    of_b = figures(small.log.store, FIRST, LAST, small.b.id)
    whole = figures(small.log.store, FIRST, LAST)
    assert of_a.counters["machines_handed_over"].months == (1, 0, 0)
    assert of_b.counters["machines_handed_over"].months == (0, 0, 1)
    assert of_a.counters["weight_received_g"].total == 7000
    assert (of_b.reuse.machines, of_a.reuse.machines) == (0, 5)
    shared = {"transfers", "requests_made", "requests_answered"}
    for key, figure in whole.counters.items():
        parts = (of_a.counters[key].total, of_b.counters[key].total)
        assert sum(parts) == figure.total if key not in shared else set(parts) == {figure.total}


def test_the_effect_is_the_papers_own_range(small: Small) -> None:
    found = figures(small.log.store, FIRST, LAST).impact
    assert found == impact_of(["laptop", "laptop"], standard_factors())
    assert 0 < found.low_g < found.high_g


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_counter_says_what_it_counts(small: Small, language: str) -> None:
    catalogue.choose(language)
    try:
        found = figures(small.log.store, FIRST, LAST).counters.values()
        texts = [text for figure in found for text in (figure.title, figure.definition)]
    finally:
        catalogue.choose(None)
    assert len(set(texts)) == 2 * len(found)


# -- the network of the demonstration, counted by force ----------------------------------


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    folder = tmp_path_factory.mktemp("network") / "data"
    plant(folder, Day(2026, 11, 30))
    log = open_bench(folder, SystemClock())
    yield log
    log.store.close()


def by_force(year: Year, first: Day, last: Day) -> dict[str, Counter[str]]:
    """The counters out of what was planned, event by event."""
    found: dict[str, Counter[str]] = {
        key: Counter()
        for key in ("arrived", "handed", "parts", "weee", "finished", "erased", "waste", "minutes")
    }
    machines = {machine.place.device: machine for machine in year.machines}
    for act in year.acts:
        machine = machines.get(act.device)
        if act.lost or not first <= day_of(act.at) <= last or not isinstance(act.data, dict):
            continue
        kind = machine.kind if machine else ""
        if act.type == "machine.arrived" and machine:  # a lost stick's count for nothing
            found["arrived"][kind] += 1
        elif act.type == "handover.done":
            found["handed"][kind] += 1
        elif act.type == "machine.destined" and act.data["destination"] in found:
            found[act.data["destination"]][kind] += 1
        elif act.type == "visit.done":
            found["finished"][kind] += 1
        elif act.type == "erase.done" and machine and machine.erased:
            found["erased"][act.data["claim"]] += 1
        elif act.type == "waste.weighed":
            found["waste"][act.data["kind"]] += act.data["weight_g"]
        elif act.type == "hours.noted":
            found["minutes"][act.data["step"]] += act.data["minutes"]
    return found


NAMES = {
    "arrived": "machines_arrived",
    "handed": "machines_handed_over",
    "parts": "machines_to_parts",
    "weee": "machines_to_weee",
    "finished": "machines_finished",
    "erased": "disks_erased",
    "waste": "waste_g",
    "minutes": "minutes",
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("first", "last"),
    [(Day(2025, 11, 30), Day(2026, 11, 30)), (Day(2026, 2, 10), Day(2026, 8, 20))],
)
def test_the_demonstrations_year_is_counted_as_by_force(
    planted: Log, first: Day, last: Day
) -> None:
    year = Year(Day(2026, 11, 30))
    year.acts += alerts.planned(year)
    wanted = by_force(year, first, last)
    wanted["minutes"]["training"] += 30 * alerts.COPY_EVENTS * _copy_in(planted, first, last)
    found = figures(planted.store, first, last)
    for name, key in NAMES.items():
        assert found.counters[key].parts == +wanted[name], key
        assert sum(found.counters[key].months) == found.counters[key].total
    assert found.impact == impact_of(wanted["handed"].elements(), standard_factors())
    received = [lot for lot in year.lots if lot.machines and first <= lot.received <= last]
    assert found.counters["lots_received"].parts == Counter(lot.donor.kind for lot in received)
    before = {lot.donor.reference for lot in year.lots if lot.machines and lot.received < first}
    donors = {lot.donor.reference for lot in received}
    assert found.counters["donors"].total == len(donors)
    assert found.counters["donors_new"].total == len(donors - before)


def _copy_in(log: Log, first: Day, last: Day) -> int:
    """Whether the copied stick's hours lie in the period."""
    ((day,),) = log.store.query("SELECT DISTINCT day FROM hours WHERE step = 'training'")
    return int(first.isoformat() <= day <= last.isoformat())


@pytest.mark.long
def test_the_rate_is_what_the_attestations_of_all_lots_add_up_to(planted: Log) -> None:
    first, last = Day(2026, 3, 1), Day(2026, 6, 30)
    rows = planted.store.query(
        f"SELECT lot.workshop, lot FROM lot JOIN donor ON {donor_of('lot')} WHERE kind = 'public'"
        " AND received_day BETWEEN ? AND ?",
        (first.isoformat(), last.isoformat()),
    )
    papers = []
    for row in rows:
        lot = lot_of(planted, LotName(*row))
        assert lot is not None
        papers.append(reuse_attestation(planted, lot, Settings(prefix="DEMO")))
    reuse = figures(planted.store, first, last).reuse
    assert reuse.machines == sum(len(paper.machines) for paper in papers) > 50
    assert reuse.counted == sum(len(counted(paper)) for paper in papers) > 0
