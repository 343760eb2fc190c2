"""Who may say what: each way a thief with one stick talked the record round, and does no more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records import joining, log, persons
from bench.records.day import actions, pin, review
from bench.records.errors import RecordsError
from bench.records.fold import ancestry
from bench.records.kinds.kinds import KINDS
from bench.records.rules import may
from bench.records.signed import event, keys, sealed
from bench.records.signed.event import Signed
from bench.records.store import Store
from tests import forge, pace

DAY = "2026-01-05"
SHOP = keys.Key(b"\x51" * 32)
REGION = keys.Key(b"\x52" * 32)
DISK = {"model": "WDC", "serial": "WX1", "size_bytes": 500}
GOOD = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}, "journal_hash": "ab" * 32}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.open(tmp_path / "etabli.db")
    forge.register(made, SHOP)
    return made


def arrive(store: Store, bench: forge.Bench, device: str = "d1") -> Signed:
    made = bench.make("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    store.add([made])
    return made


def erased(bench: forge.Bench, claim: str, device: str = "d1") -> Signed:
    data = {"job": "j1", "disk": DISK, "technique": "overwrite", "claim": claim} | GOOD
    return bench.make("erase.done", data, device=device)


def revoked(
    by: forge.Bench, workshop: keys.Key, bench: keys.Key, seq: int, hash: str = ""
) -> Signed:
    said = keys.revoke(workshop, bench.id, seq, after_hash=hash, reason="lost", at="")
    return by.make("bench.revoked", {"revocation": said.plain()})


def certified(by: forge.Bench, workshop: keys.Key, bench: keys.Key, **told: Any) -> Signed:
    said = keys.certify(workshop, bench.public, **{"name": "x", "at": "", **told})
    return by.make("bench.certified", {"certificate": said.plain()})


def row(store: Store, bench: forge.Bench) -> tuple[Any, ...]:
    names = "workshop, role, revoked_after"
    return store.query(f"SELECT {names} FROM bench WHERE bench = ?", (bench.key.id,))[0]


def claim_of(store: Store) -> str:
    return str(store.query("SELECT claim FROM disk WHERE device = 'd1'")[0][0])


# -- revocation -----------------------------------------------------------------------------


@pytest.mark.parametrize("registered", [False, True])
def test_a_workshop_made_up_revokes_nobody(store: Store, registered: bool) -> None:
    """Also one that is registered: a malicious member speaks for its own benches only."""
    honest, thief = forge.Bench("honest", SHOP), forge.Bench("thief", SHOP)
    made_up = keys.Key(b"\x66" * 32)
    if registered:
        forge.register(store, made_up)
    store.add([*honest.opened(), *thief.opened()])
    arrive(store, honest)
    before = store.query("SELECT * FROM machine")
    store.add([certified(thief, made_up, honest.key), revoked(thief, made_up, honest.key, 0)])
    assert row(store, honest) == (SHOP.id, "bench", None)
    assert store.query("SELECT * FROM machine") == before and len(before) == 1
    assert store.query("SELECT state FROM revocation") == [("refused",)]


def test_a_refused_revocation_is_shown_to_the_supervisor(tmp_path: Path) -> None:
    bench = forge.store_of(tmp_path, "bench")
    thief, made_up = forge.Bench("thief", SHOP), keys.Key(b"\x66" * 32)
    bench.append("machine.arrived", {"asset": "A1"}, device="d1")
    bench.store.add([certified(thief, made_up, bench.key), revoked(thief, made_up, bench.key, 0)])
    found = review.review(bench, DAY)
    assert "revocation_refused" in [warned.code for warned in found.warnings]
    assert bench.store.query("SELECT count(*) FROM machine") == [(1,)]


def test_only_what_leads_to_the_event_named_counts(store: Store) -> None:
    """A fork signed later with a good number turned a failed disk into a purged one."""
    bench, issuer = forge.Bench("stolen", SHOP), forge.Bench("issuer", SHOP)
    store.add([*bench.opened(), *issuer.opened()])
    arrive(store, bench)
    thief = forge.Bench("stolen", SHOP)
    thief.seq, thief.tick, thief.prev = bench.seq, bench.tick + 50, bench.prev
    failed = erased(bench, "failed")
    last = bench.make("visit.done", {}, device="d1")
    store.add([failed, last])
    store.add([revoked(issuer, SHOP, bench.key, last.event.seq, last.hash.hex())])
    store.add([erased(thief, "purge")])
    assert claim_of(store) == "failed"
    state = store.state_hash()
    store.rebuild()
    assert store.state_hash() == state


def test_the_fork_counts_nothing_in_whatever_order_it_came(tmp_path: Path) -> None:
    bench, issuer = forge.Bench("stolen", SHOP), forge.Bench("issuer", SHOP)
    opened = [*bench.opened(), *issuer.opened()]
    arrived = bench.make("machine.arrived", {"asset": "A1"}, device="d1")
    thief = forge.Bench("stolen", SHOP)
    thief.seq, thief.tick, thief.prev = bench.seq, bench.tick + 50, bench.prev
    honest = [erased(bench, "failed"), bench.make("visit.done", {}, device="d1")]
    forged = erased(thief, "purge")
    word = revoked(issuer, SHOP, bench.key, honest[-1].event.seq, honest[-1].hash.hex())
    orders = (
        [opened, [arrived], honest, [word], [forged]],
        [opened, [forged], [word], [honest[1]], [honest[0]], [arrived]],
        [[word], [forged], honest, [arrived], opened],
        [[*opened, arrived, *honest, forged, word]],
    )
    states = set()
    for number, order in enumerate(orders):
        store = Store.open(tmp_path / f"{number}.db")
        forge.register(store, SHOP)
        for part in order:
            store.add(part)
        assert claim_of(store) == "failed"
        states.add(store.state_hash())
    assert len(states) == 1


def test_a_bag_of_a_revoked_stick_is_judged_by_its_lines(tmp_path: Path) -> None:
    """Its statement told a head of before the revocation, and was believed."""
    shop, stick = forge.store_of(tmp_path, "shop"), forge.store_of(tmp_path, "stick")
    workshop = keys.load(tmp_path / "stick" / "keys" / "workshop.key")
    forge.register(shop.store, workshop)
    stick.append("machine.arrived", {"asset": "A1"}, device="d1")
    export_bag(stick, tmp_path / "a.zip")
    assert import_bags(shop, [tmp_path / "a.zip"]).ok
    last = stick.store.heads()[stick.key.id][0]
    shop.store.add([revoked(forge.Bench("other", workshop), workshop, stick.key, *last)])
    stick.append("erase.done", erased(forge.Bench("x", SHOP), "purge").event.data, device="d1")
    export_bag(stick, tmp_path / "b.zip")
    (refused,) = import_bags(shop, [tmp_path / "b.zip"]).bags
    assert refused.error and refused.error.code == "key_revoked"


def test_a_revocation_is_taken_back_by_the_same_workshop_only(store: Store) -> None:
    bench, issuer = forge.Bench("found", SHOP), forge.Bench("issuer", SHOP)
    other = keys.Key(b"\x67" * 32)
    forge.register(store, other)
    store.add([*bench.opened(), *issuer.opened()])
    arrive(store, bench)
    word = revoked(issuer, SHOP, bench.key, 0)
    store.add([word])
    assert store.query("SELECT count(*) FROM machine") == [(0,)]
    name = keys.read_revocation(word.event.data["revocation"]).name
    for workshop, state in ((other, "stands"), (SHOP, "taken_back")):
        back = keys.reinstate(workshop, bench.key.id, name, reason="found", at="")
        store.add([issuer.make("bench.reinstated", {"reinstatement": back.plain()})])
        assert store.query("SELECT state FROM revocation") == [(state,)]
    assert store.query("SELECT count(*) FROM machine") == [(1,)]
    assert row(store, bench) == (SHOP.id, "bench", None)


def test_the_founding_key_is_of_no_use_once_the_bench_joined(store: Store) -> None:
    founding = keys.Key(b"\x68" * 32)
    bench = forge.Bench("joined", founding)
    forge.register(store, founding)
    store.add([*bench.opened(founding=True), certified(bench, SHOP, bench.key)])
    arrive(store, bench)
    assert row(store, bench)[0] == SHOP.id
    store.add([revoked(forge.Bench("y", founding), founding, bench.key, 0)])
    store.add([certified(bench, founding, bench.key)])
    assert row(store, bench) == (SHOP.id, "bench", None)
    assert store.query("SELECT count(*) FROM machine") == [(1,)]


def test_a_workshop_joined_later_revokes_no_work_of_before(store: Store) -> None:
    late = keys.Key(b"\x69" * 32)
    forge.register(store, late)
    bench = forge.Bench("moved", keys.Key(b"\x6a" * 32))
    store.add([*bench.opened(), certified(bench, SHOP, bench.key)])
    work = arrive(store, bench)
    store.add([certified(bench, late, bench.key)])
    issuer = forge.Bench("issuer", late)
    store.add([*issuer.opened(), revoked(issuer, late, bench.key, 0)])
    store.add([revoked(issuer, late, bench.key, work.event.seq, work.hash.hex())])
    assert store.query("SELECT count(*) FROM machine") == [(1,)]
    store.add([bench.make("machine.arrived", {"asset": "A2"}, device="d2")])
    assert store.query("SELECT device FROM machine") == [("d1",)]


def test_a_former_workshop_revokes_no_work_of_after(store: Store) -> None:
    later = keys.Key(b"\x69" * 32)
    forge.register(store, later)
    bench, issuer = forge.Bench("moved", SHOP), forge.Bench("issuer", SHOP)
    store.add([*bench.opened(), certified(bench, later, bench.key), *issuer.opened()])
    arrive(store, bench)
    store.add([revoked(issuer, SHOP, bench.key, 0)])
    assert store.query("SELECT count(*) FROM machine") == [(1,)]
    assert row(store, bench) == (later.id, "bench", None)


def moved(store: Store) -> tuple[forge.Bench, Signed, Signed, Signed]:
    """A bench that went from one registered workshop to another, and its certificates."""
    forge.register(store, REGION)
    bench = forge.Bench("moved", keys.Key(b"\x6a" * 32))
    opened = bench.opened(founding=True)
    first = certified(bench, SHOP, bench.key, at="2026-01-05T08:00:00.000Z")
    second = certified(bench, REGION, bench.key, at="2026-02-05T08:00:00.000Z")
    store.add([*opened, first, second])
    return bench, opened[0], first, second


def test_a_certificate_repeated_anywhere_changes_nothing(store: Store) -> None:
    """Public bytes, signed again by the thief: at number 2 it once took a revocation back."""
    bench, root, first, second = moved(store)
    arrive(store, bench)
    issuer = forge.Bench("issuer", REGION)
    failed = erased(bench, "failed")
    word = revoked(issuer, REGION, bench.key, failed.event.seq, failed.hash.hex())
    store.add([failed, *issuer.opened(), word])
    before = store.state_hash()
    thief = forge.Bench("moved", keys.Key(b"\x6a" * 32))
    for place in (root, first, failed):
        for certificate in (first, second):
            thief.seq, thief.prev = place.event.seq, place.hash.hex()
            store.add([thief.make("bench.certified", certificate.event.data)])
    store.add([erased(bench, "purge"), erased(thief, "purge")])
    assert store.query("SELECT state FROM revocation") == [("stands",)]
    assert claim_of(store) == "failed"
    store.db.conn.execute("DELETE FROM fork")  # that somebody tried is shown
    assert store.state_hash() == before


def test_an_older_certificate_gives_no_role_back(store: Store) -> None:
    forge.register(store, REGION, region=True)
    bench = forge.Bench("member", REGION)
    old = bench.opened("coordination")
    store.add([*old, certified(bench, REGION, bench.key, at="2026-02-05T08:00:00.000Z")])
    assert row(store, bench)[1] == "bench"
    store.add([bench.make("bench.certified", old[1].event.data)])
    assert row(store, bench)[1] == "bench"


def test_a_bench_that_moves_leaves_its_machines_where_they_are(store: Store) -> None:
    bench, colleague = forge.Bench("moves", SHOP), forge.Bench("colleague", SHOP)
    forge.register(store, REGION)
    store.add([*bench.opened(), *colleague.opened()])
    arrive(store, bench)
    data = {"field": "serial", "value": "GOOD", "reason": "r"}
    store.add([colleague.make("correction", data, device="d1")])
    store.add([colleague.make("handover.done", {"recipient": "x"}, device="d1")])
    before = store.query("SELECT holder, serial, state, to_arbitrate FROM machine")
    assert before == [(SHOP.id, "GOOD", "handed_over", 0)]
    store.add([certified(bench, REGION, bench.key)])
    assert store.query("SELECT holder, serial, state, to_arbitrate FROM machine") == before


FOREIGN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("reservation.released", {"reservation": "r1"}),
    ("reservation.made", {"reservation": "r1", "request": "theirs"}),
    ("grade.given", {"grade": "A"}),
    ("erase.done", {"job": "j2", "disk": DISK, "technique": "o", "claim": "purge"} | GOOD),
    ("erase.planned", {"job": "j3", "disk": DISK, "technique": "o"}),
    ("disk.removed", {"disk": DISK}),
    ("machine.recognised", {"answer": "unsure", "by": "serial", "other": "d2"}),
    ("machine.blocked", {"reason": "help"}),
    ("machine.probed", {"facts": {"identity": {"serial": "EVIL"}, "disks": []}}),
    ("machine.destined", {"destination": "weee"}),
    ("handover.done", {"recipient": "r"}),
    ("transfer.sent", {"transfer": "t", "to": REGION.id, "devices": ["d1"]}),
)


@pytest.mark.parametrize("kind,data", FOREIGN, ids=[kind for kind, _ in FOREIGN])
def test_a_member_changes_nothing_of_a_machine_it_never_had(
    store: Store, kind: str, data: dict[str, Any]
) -> None:
    forge.register(store, REGION)
    ours, theirs = forge.Bench("ours", SHOP), forge.Bench("theirs", REGION)
    store.add(ours.opened())
    device = ours.device()
    store.add([ours.make("machine.arrived", {"asset": "A1"}, device=device)])
    store.add([ours.make("reservation.made", {"reservation": "r1", "request": "q"}, device=device)])
    store.add([erased(ours, "failed", device)])
    shown = "asset, holder, lot, state, blocked, grade, serial, request, disks, disks_erased"
    before = store.query(f"SELECT {shown} FROM machine")
    claims = store.query("SELECT claim FROM disk")
    data = data | ({"devices": [device]} if kind == "transfer.sent" else {})
    store.add([*theirs.opened(), theirs.make(kind, data, device=device)])
    assert store.query(f"SELECT {shown} FROM machine") == before
    assert store.query("SELECT claim FROM disk") == claims == [("failed",)]


def test_a_gap_filled_later_and_a_revocation_taken_back_leave_no_trace(tmp_path: Path) -> None:
    """The order in which two stores learnt it: as processes of their own, nothing remembered."""
    bench, issuer = forge.Bench("stolen", SHOP), forge.Bench("issuer", SHOP)
    opened = [*bench.opened(), *issuer.opened()]
    block = bench.make("number.block", {"prefix": "P", "year": 26, "start": 1, "size": 10})
    work = bench.make("test.done", {"test": "x", "outcome": "passed"}, device="d1")
    last = bench.make("visit.done", {}, device="d1")
    beside = forge.Bench("stolen", SHOP)
    beside.seq, beside.prev = last.event.seq, last.hash.hex()
    forks = [beside.make("visit.done", {}, device="d1"), bench.make("visit.done", {}, device="d2")]
    word = revoked(issuer, SHOP, bench.key, last.event.seq, last.hash.hex())
    name = keys.read_revocation(word.event.data["revocation"]).name
    back = keys.reinstate(SHOP, bench.key.id, name, reason="found", at="")
    found = issuer.make("bench.reinstated", {"reinstatement": back.plain()})
    states = []
    for number, order in enumerate(
        (
            [[*opened, block, work, last, *forks, word, found]],
            [[*opened, block, last, word], [work], forks, [found]],
            [[*opened, block, work, last, *forks], [word], [found]],
        )
    ):
        ancestry._whole.clear()
        fresh = Store.open(tmp_path / f"{number}.db")
        forge.register(fresh, SHOP)
        for part in order:
            fresh.add(part)
        states.append(fresh.state_hash())
        fresh.rebuild()
        states.append(fresh.state_hash())
    assert len(set(states)) == 1


def test_repeats_and_revocations_without_end_cost_little(store: Store) -> None:
    bench, issuer = forge.Bench("flood", SHOP), forge.Bench("issuer", SHOP)
    old = bench.opened()
    closed = bench.make("day.closed", {"day": DAY})
    said = keys.certify_supervisor(SHOP, bench.key.id, SHOP.public, at="").plain()
    repeats = [bench.make("supervisor.certified", {"certificate": said}) for _ in range(600)]
    words = [revoked(issuer, SHOP, bench.key, e.event.seq, e.hash.hex()) for e in repeats]
    store.add([*old, closed, *repeats, *issuer.opened()])
    start = time.process_time()
    store.add(words)
    store.add([bench.make("test.done", {"test": "t", "outcome": "passed"}, device="d1")])
    # It was some ten, and each event after it five.
    assert pace.within(time.process_time() - start, 4)
    known = store.known().bench(bench.key.id)
    assert len(known.cuts) <= 32 and len(known.supervisors) <= 4


def test_a_copied_key_that_counts_to_the_end_stops_nobody(tmp_path: Path) -> None:
    bench = forge.store_of(tmp_path, "bench")
    copy = forge.Bench("bench", SHOP)
    copy.key = bench.key
    copy.seq, copy.prev = 2**52 - 3, "ab" * 32
    bench.store.add([copy.make("visit.done", {}, device="d1")])
    assert bench.append("visit.done", {}, device="d1").seq == 3


# -- roles ----------------------------------------------------------------------------------


def test_the_region_speaks_only_through_a_workshop_registered_as_one(store: Store) -> None:
    member, region = forge.Bench("member", SHOP), forge.Bench("region", REGION)
    store.add([*member.opened("coordination"), *region.opened("coordination")])
    assert row(store, member)[1] == "bench" and row(store, region)[0] == ""
    forge.register(store, REGION)
    assert row(store, region)[:2] == (REGION.id, "bench")
    forge.register(store, REGION, region=True)
    assert row(store, region)[:2] == (REGION.id, "coordination")


def supervised(store: Store, name: str = "bench") -> tuple[forge.Bench, keys.Key]:
    """A bench with a supervisor's key, and one machine."""
    bench, supervisor = forge.Bench(name, SHOP), keys.Key(b"\x70" * 32)
    said = keys.certify_supervisor(SHOP, bench.key.id, supervisor.public, at="")
    store.add(bench.opened())
    arrive(store, bench)
    store.add([bench.make("grade.given", {"grade": "C"}, device="d1")])
    store.add([bench.make("supervisor.certified", {"certificate": said.plain()})])
    return bench, supervisor


@pytest.mark.parametrize("turn", range(3))
def test_a_machine_that_only_a_list_names_is_joined_by_its_own_workshop_alone(
    store: Store, turn: int
) -> None:
    """Told, not arrived: it is somebody's all the same, in whatever order that came."""
    other = keys.Key(b"\x53" * 32)
    forge.register(store, other)
    own, thief = forge.Bench("own", SHOP), forge.Bench("thief", other)
    theirs, mine = own.device(), thief.device()
    told = {"source": "glpi", "file": "ab" * 32, "line": 2, "asset": "A1", "serial": "S1"}
    parts = [
        [*own.opened(), own.make("machine.told", told, device=theirs)],
        [*thief.opened(), thief.make("machine.arrived", {"asset": "B1"}, device=mine)],
        [thief.make("same_as", {"other": theirs}, device=mine)],
    ]
    for part in parts[turn:] + parts[:turn]:
        store.add(part)
    assert store.query("SELECT count(*) FROM alias") == [(0,)]
    state = store.state_hash()
    store.rebuild()
    assert store.state_hash() == state
    again = own.device()
    arrived = own.make("machine.arrived", {"asset": "A2"}, device=again)
    store.add([arrived, own.make("same_as", {"other": theirs}, device=again)])
    assert store.query("SELECT count(*) FROM alias WHERE device IN (?, ?)", (theirs, again)) != [
        (0,)
    ]


ACTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("correction", {"field": "serial", "value": "X", "reason": "r"}, "d1"),
    ("grade.overridden", {"grade": "A", "reason": "r"}, "d1"),
    ("grade.validated", {"grade": "C", "reason": "r"}, "d1"),
    ("lock.answered", {"lock": "mdm_attestation", "free": True}, "d1"),
    ("same_as", {"other": "d2"}, "d1"),
    ("day.closed", {"day": DAY, "counts": {}}, ""),
    ("day.reopened", {"day": DAY, "reason": "r"}, ""),
    ("lot.closed", {"count": 1}, ""),
    ("person.forgotten", {"person": "p"}, ""),
)


@pytest.mark.parametrize("kind,data,device", ACTS, ids=[act[0] for act in ACTS])
def test_the_key_of_a_bench_signs_no_act_of_a_supervisor(
    store: Store, kind: str, data: dict[str, Any], device: str
) -> None:
    bench, supervisor = supervised(store)
    told = {"device": device, "lot": "L1" if kind.startswith("lot") else ""}
    before = store.state_hash()
    own_key = keys.Key(b"\x71" * 32)  # a supervisor's key that no workshop certified
    for key in (None, own_key):
        store.add([bench.make(kind, data, supervisor=key, **told)])
        assert store.entries(f"e.type = '{kind}'")
    counting = [e for e in store.entries(f"e.type = '{kind}'") if not may.may(e, store.known())]
    assert counting == []
    if kind not in ("lot.closed", "person.forgotten", "day.closed", "day.reopened"):
        assert store.state_hash() == before
    store.add([bench.make(kind, data, supervisor=supervisor, **told)])
    counting = [e for e in store.entries(f"e.type = '{kind}'") if not may.may(e, store.known())]
    assert len(counting) == 1


@pytest.mark.parametrize("kind,data,device", ACTS, ids=[act[0] for act in ACTS])
def test_a_stick_that_never_had_a_code_decides_nothing_either(
    store: Store, kind: str, data: dict[str, Any], device: str
) -> None:
    """Most sticks have none: the supervisor works at the workshop's computer."""
    bench = forge.Bench("plain", SHOP)
    old = bench.make("bench.opened", {"name": "x"})
    joined = certified(bench, SHOP, bench.key, supervised=True)
    store.add([old, joined])
    arrive(store, bench)
    store.add([bench.make(kind, data, device=device)])
    thief = forge.Bench("plain", SHOP)  # beside the true chain: before the certificate
    thief.seq, thief.prev = old.event.seq, old.hash.hex()
    store.add([thief.make(kind, data, device=device)])
    entries = store.entries(f"e.type = '{kind}'")
    assert len(entries) == 2
    assert [may.may(each, store.known()) for each in entries] == [may.UNSUPERVISED] * 2


def test_a_supervisor_who_walked_away_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_for = 100.0
    monkeypatch.setattr(log.Log, "uptime", staticmethod(lambda: on_for))
    bench = forge.store_of(tmp_path, "bench")
    pin.choose(bench, "271845")
    pin.unlock(bench, "271845")
    for _ in range(3):  # each act keeps it open
        on_for += log.SUPERVISOR_IDLE_S - 1
        bench.append("day.closed", {"day": DAY})
    on_for += log.SUPERVISOR_IDLE_S + 1
    with pytest.raises(RecordsError, match="supervisor_needed"):
        bench.append("day.closed", {"day": DAY})
    assert bench.supervisor is None


def test_acts_of_before_the_supervisors_key_stand_and_forged_ones_do_not(store: Store) -> None:
    bench = forge.Bench("bench", SHOP)
    store.add(bench.opened())
    arrive(store, bench)
    old = bench.make("correction", {"field": "serial", "value": "OLD", "reason": "r"}, device="d1")
    thief = forge.Bench("bench", SHOP)
    thief.seq, thief.tick, thief.prev = bench.seq, bench.tick + 9, bench.prev
    supervisor = keys.Key(b"\x70" * 32)
    said = keys.certify_supervisor(SHOP, bench.key.id, supervisor.public, at="")
    store.add([old, bench.make("supervisor.certified", {"certificate": said.plain()})])
    assert store.query("SELECT serial FROM machine") == [("OLD",)]
    data = {"field": "serial", "value": "THIEF", "reason": "r"}
    store.add([thief.make("correction", data, device="d1")])  # beside the true chain
    assert store.query("SELECT serial FROM machine") == [("OLD",)]


def test_a_workshop_that_never_had_a_machine_decides_nothing_about_it(store: Store) -> None:
    ours, theirs = forge.Bench("ours", SHOP), forge.Bench("theirs", REGION)
    forge.register(store, REGION)
    store.add([*ours.opened(), *theirs.opened()])
    arrive(store, ours)
    data = {"field": "serial", "value": "THEIRS", "reason": "r"}
    store.add([theirs.make("correction", data, device="d1")])
    assert store.query("SELECT serial, to_arbitrate FROM machine") == [("", 1)]
    assert store.query("SELECT kind FROM to_arbitrate") == [("foreign",)]
    sent = {"transfer": "t", "to": REGION.id, "devices": ["d1"]}
    store.add([ours.make("transfer.sent", sent)])
    assert store.query("SELECT serial FROM machine") == [("THEIRS",)]


# -- the bench's own log --------------------------------------------------------------------


def test_a_supervisors_acts_carry_the_proof_the_code_opens(tmp_path: Path) -> None:
    bench = forge.store_of(tmp_path, "bench")
    bench.append("machine.arrived", {"asset": "A1"}, device="d1")
    pin.choose(bench, "271845")
    with pytest.raises(RecordsError, match="supervisor_needed"):
        actions.correct(bench, "d1", "serial", "S", reason="vu", operator="enc")
    assert bench.store.query("SELECT count(*) FROM event WHERE type = 'correction'") == [(0,)]
    pin.unlock(bench, "271845")
    made = actions.correct(bench, "d1", "serial", "S", reason="vu", operator="enc")
    pin.lock(bench)
    ((body,),) = bench.store.query("SELECT body FROM event WHERE type = 'correction'")
    assert event.supervisor_of(body) == pin.public(bench) == made.proof[:64]
    assert event.supervisor_of(body.replace(b'"value":"S"', b'"value":"T"')) == ""
    assert bench.store.query("SELECT serial FROM machine") == [("S",)]
    assert bench.verify().ok


def test_a_bench_that_joins_brings_its_supervisors_key(tmp_path: Path) -> None:
    shop, bench = forge.store_of(tmp_path, "shop"), forge.store_of(tmp_path, "bench")
    pin.choose(bench, "271845")
    workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")
    raw = joining.request(bench, "Poste 2", pin.public(bench))
    answer = joining.admit(shop, workshop, raw, heard=bench.key.fingerprint)
    for heard, code in (("", "length"), ("00000", "length"), (bench.key.fingerprint, "wrong")):
        with pytest.raises(RecordsError, match=f"fingerprint_{code}"):
            joining.join(bench, answer, heard=heard)
    joining.join(bench, answer, heard=workshop.fingerprint)
    assert not (tmp_path / "bench" / "keys" / "workshop.key").exists()
    assert bench.store.query("SELECT workshop, how FROM trust") == [(workshop.id, "joined")]
    kept = bench.store.known().bench(bench.key.id)
    assert kept.workshop == workshop.id
    assert {key for key, _ in kept.supervisors} == {"", pin.public(bench)}
    pin.unlock(bench, "271845")
    bench.append("day.closed", {"day": DAY})
    assert bench.store.query("SELECT closed FROM day") == [(1,)]


def test_a_code_chosen_after_joining_is_said_to_sign_nothing_yet(tmp_path: Path) -> None:
    shop, bench = forge.store_of(tmp_path, "shop"), forge.store_of(tmp_path, "bench")
    workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")

    def join() -> None:
        raw = joining.request(bench, "x", pin.public(bench))
        answer = joining.admit(shop, workshop, raw, heard=bench.key.fingerprint)
        joining.join(bench, answer, heard=workshop.fingerprint)

    def warned(code: str = "code_uncertified") -> bool:
        return code in [each.code for each in review.review(bench, DAY).warnings]

    join()
    assert warned("code_missing") and not warned()
    assert bench.needs_supervisor() and not bench.has_supervisor()
    pin.choose(bench, "271845")
    pin.unlock(bench, "271845")
    with pytest.raises(RecordsError, match="supervisor_uncertified"):
        bench.append("day.closed", {"day": DAY})
    assert warned() and not warned("code_missing")
    join()
    assert not warned()
    bench.append("day.closed", {"day": DAY})


def test_the_workshop_of_others_joins_nowhere(tmp_path: Path) -> None:
    shop, bench = forge.store_of(tmp_path, "shop"), forge.store_of(tmp_path, "bench")
    workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")
    raw = joining.request(bench, "x")
    answer = joining.admit(shop, workshop, raw, heard=bench.key.fingerprint)
    joining.join(bench, answer, heard=workshop.fingerprint)
    export_bag(bench, tmp_path / "a.zip")
    assert import_bags(shop, [tmp_path / "a.zip"]).ok
    other = forge.store_of(tmp_path, "other")
    asked = joining.request(shop, "x")
    theirs = keys.load(tmp_path / "other" / "keys" / "workshop.key")
    given = joining.admit(other, theirs, asked, heard=shop.key.fingerprint)
    with pytest.raises(RecordsError, match="workshop_in_use"):
        joining.join(shop, given, heard=theirs.fingerprint)
    assert (tmp_path / "shop" / "keys" / "workshop.key").exists()


def test_another_workshop_forgets_nobody_of_ours(tmp_path: Path) -> None:
    bench, other = forge.store_of(tmp_path, "bench"), forge.store_of(tmp_path, "other")
    workshop = keys.load(tmp_path / "other" / "keys" / "workshop.key")
    forge.register(bench.store, workshop)
    known = [persons.add(bench, "donor", {"name": f"N{n}"}) for n in range(5)]
    for reference in known:
        other.append("person.forgotten", {"person": reference})
    export_bag(other, tmp_path / "a.zip")
    assert import_bags(bench, [tmp_path / "a.zip"]).ok
    assert len(persons.everyone(bench.store)) == 5
    persons.forget(bench, known[0])
    assert persons.forgotten(bench.store) == [known[0]]


def test_a_stolen_key_of_our_own_workshop_forgets_nobody(tmp_path: Path) -> None:
    """What is erased does not come back: without a supervisor's proof it is not done here."""
    shop = forge.store_of(tmp_path, "shop")
    workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")
    known = persons.add(shop, "donor", {"name": "N"})
    stick, supervisor = forge.Bench("stick", workshop), keys.Key(b"\x70" * 32)
    data = {"person": known}
    shop.store.add([*stick.opened(), stick.make("person.forgotten", data)])
    assert persons.forgotten(shop.store) == [] and persons.forget_again(shop.store) == 0
    said = keys.certify_supervisor(workshop, stick.key.id, supervisor.public, at="")
    shop.store.add([stick.make("supervisor.certified", {"certificate": said.plain()})])
    shop.store.add([stick.make("person.forgotten", data, supervisor=supervisor)])
    assert persons.forget_again(shop.store) == 1


def test_a_false_arrival_of_an_old_name_puts_nobody_out(store: Store) -> None:
    """Names of machines made before they told their bench: the thief's word may come first."""
    ours, theirs = forge.Bench("ours", SHOP), forge.Bench("theirs", REGION)
    forge.register(store, REGION)
    store.add([*theirs.opened(), theirs.make("machine.arrived", {"asset": "T"}, device="d1")])
    ours.tick = 90
    store.add(ours.opened())
    arrive(store, ours)
    data = {"field": "serial", "value": "OURS", "reason": "r"}
    store.add([ours.make("correction", data, device="d1")])
    assert store.query("SELECT serial FROM machine") == [("OURS",)]


def test_a_revocation_names_an_event_that_is_here(tmp_path: Path) -> None:
    shop = forge.store_of(tmp_path, "shop")
    workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")
    bench = forge.Bench("stick", workshop)
    shop.store.add(bench.opened())
    for after in ("-5", "3", "2:ffff", "x", "", "1e3", "²"):
        with pytest.raises(RecordsError, match="revoke_event_unknown"):
            joining.revoke(shop, workshop, bench.key.id, after, reason="lost")
    fork = forge.Bench("stick", workshop)
    fork.opened()
    fork.seq, fork.prev = 1, bench.make("visit.done", {}).event.prev
    shop.store.add([fork.make("visit.done", {})])
    with pytest.raises(RecordsError, match="revoke_event_ambiguous"):
        joining.revoke(shop, workshop, bench.key.id, "2", reason="lost")
    with pytest.raises(RecordsError, match="revocation_unreadable"):
        keys.revoke(workshop, bench.key.id, -5, reason="", at="")


def test_the_importer_registers_the_one_workshop_that_was_heard(tmp_path: Path) -> None:
    """Each stick's own founding workshop was registered too: a thief finds its key on it."""
    shop, bench = forge.store_of(tmp_path, "shop"), forge.store_of(tmp_path, "bench")
    workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")
    raw = joining.request(bench, "x")
    answer = joining.admit(shop, workshop, raw, heard=bench.key.fingerprint)
    joining.join(bench, answer, heard=workshop.fingerprint)
    export_bag(bench, tmp_path / "a.zip")
    region = forge.store_of(tmp_path, "region")
    heard = forge.heard(tmp_path / "a.zip")
    assert heard.spoken.names(workshop.public)
    assert import_bags(region, [tmp_path / "a.zip"], heard=heard).ok
    rows = region.store.query("SELECT workshop FROM trust WHERE how <> 'own'")
    assert rows == [(workshop.id,)]


# -- rules as data, and keys ----------------------------------------------------------------


def test_every_rule_is_about_a_kind_that_exists() -> None:
    assert set(may.RULES) <= set(KINDS)


def _add(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    """Points of edwards25519 (RFC 8032 section 5.1.4, affine)."""
    field = 2**255 - 19
    d = -121665 * pow(121666, field - 2, field) % field
    k = d * p[0] * q[0] * p[1] * q[1] % field
    x = (p[0] * q[1] + p[1] * q[0]) * pow(1 + k, field - 2, field) % field
    return x, (p[1] * q[1] + p[0] * q[0]) * pow(1 - k, field - 2, field) % field


def test_no_key_of_small_order_is_anybodys() -> None:
    field = 2**255 - 19
    d = -121665 * pow(121666, field - 2, field) % field
    found = 0
    for y in sealed._SMALL_ORDER_Y:
        square = (y * y - 1) * pow(d * y * y + 1, field - 2, field) % field
        x = pow(square, (field + 3) // 8, field)
        x = x if (x * x - square) % field == 0 else x * pow(2, (field - 1) // 4, field) % field
        assert (x * x - square) % field == 0
        point = (x, y)
        for _ in range(3):
            point = _add(point, point)
        assert point == (0, 1)  # eight times it is nothing
        for spelt in {y, y + field} if y + field < 2**255 else {y}:
            for sign in (0, 1 << 255):
                raw = (spelt | sign).to_bytes(32, "little")
                found += 1
                assert not sealed.is_public_key(raw.hex())
                with pytest.raises(RecordsError, match="key_unfit"):
                    log.trust(None, raw, name="", at="", how="")  # type: ignore[arg-type]
    assert found == 14
    assert sealed.is_public_key(SHOP.public.hex())
