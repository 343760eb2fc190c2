"""The supervisor's review and decisions, persons, the PIN, backups: on a real database."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import pytest

from bench.casefile import withdraw
from bench.records import attachments, log, persons
from bench.records.copies import backup
from bench.records.day import actions, pin, review
from bench.records.errors import RecordsError
from bench.records.signed import keys
from bench.records.store import Store
from bench.workbench.review_words import detail_text
from tests import forge

DAY = "2026-01-05"
DISK = {"model": "WDC", "serial": "D1", "size_bytes": 500}
PROOF = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}, "journal_hash": "ab" * 32}
WHY = {"reason": "lu sur la machine", "operator": "enc-1"}


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def arrive(bench: log.Log, asset: str = "", serial: str = "S1") -> str:
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": asset, "kind": "laptop"}, device=device)
    facts = {"identity": {"serial": serial}, "disks": [DISK]}
    bench.append("machine.probed", {"facts": facts}, device=device)
    return device


def erase(bench: log.Log, device: str, claim: str, **more: object) -> None:
    done = {"job": "j", "disk": DISK, "technique": "overwrite", "claim": claim}
    bench.append("erase.done", done | more, device=device)


def test_an_empty_day_can_be_closed(bench: log.Log) -> None:
    found = review.review(bench, DAY)
    assert found.can_close and found.blocked.count == 0
    actions.close_day(bench, DAY, operator="enc-1")
    (bench_day,) = review.review(bench, DAY).benches
    assert bench_day.closed and bench_day.name == "Poste 1"


def test_the_review_shows_what_came_what_failed_and_what_lacks(bench: log.Log) -> None:
    done = arrive(bench, "A1", "S1")
    erase(bench, done, "clear", **PROOF)
    bench.append("grade.given", {"grade": "B"}, device=done)
    bench.append("label.printed", {"asset": "A1"}, device=done)
    bench.append("visit.done", {}, device=done)
    bad = arrive(bench, "A2", "S2")
    erase(bench, bad, "failed")
    bench.append("machine.blocked", {"reason": "erasure_failed"}, device=bad)
    found = review.review(bench, DAY)
    assert [(one.arrived, one.finished, one.blocked) for one in found.benches] == [(2, 1, 1)]
    assert [case.asset for case in found.erasures_bad.shown] == ["A2"]
    assert [case.detail for case in found.blocked.shown] == ["erasure_failed"]
    assert [case.asset for case in found.unlabelled.shown] == ["A2"]
    assert [case.asset for case in found.ungraded.shown] == ["A2"]
    assert {case.asset for case in found.without_donor.shown} == {"A1", "A2"}
    assert found.can_close


def test_where_help_was_called_is_a_field_and_older_events_say_the_same(bench: log.Log) -> None:
    older, newer = arrive(bench, "A1", "S1"), arrive(bench, "A2", "S2")
    bench.append("machine.blocked", {"reason": "help_checks"}, device=older)
    bench.append("machine.blocked", {"reason": "help", "step": "erase"}, device=newer)
    shown = {case.asset: case for case in review.review(bench, DAY).blocked.shown}
    assert [(case.detail, case.step) for case in shown.values()] == [
        ("help", "checks"), ("help", "erase"),
    ]  # fmt: skip
    assert detail_text("blocked", shown["A1"]) == "aide demandée : Essais"
    assert detail_text("blocked", shown["A2"]) == "aide demandée : Effacer"
    bench.append("machine.blocked", {"reason": "help", "cleared": True}, device=older)
    assert [case.asset for case in review.review(bench, DAY).blocked.shown] == ["A2"]


def test_a_claim_without_proof_keeps_the_day_open(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    erase(bench, device, "purge")
    found = review.review(bench, DAY)
    assert not found.can_close
    assert [(one.code, one.values["asset"]) for one in found.blocking] == [
        ("unproven_erasure", "A1")
    ]
    before = bench.store.count()
    with pytest.raises(RecordsError, match="day_blocked"):
        actions.close_day(bench, DAY, operator="enc-1")
    assert bench.store.count() == before
    erase(bench, device, "purge", **PROOF)
    actions.close_day(bench, DAY, operator="enc-1")


def test_duplicates_are_shown_then_joined_then_separated(bench: log.Log) -> None:
    one, other = arrive(bench, "A1", "SAME"), arrive(bench, "A2", "SAME")
    (shared,) = review.review(bench, DAY).duplicates
    assert (shared.kind, shared.value) == ("serial", "SAME")
    assert set(shared.devices) == {one, other}
    actions.join(bench, one, other, **WHY)
    assert bench.store.query("SELECT count(*) FROM machine") == [(1,)]
    assert review.review(bench, DAY).duplicates == ()
    assert actions.find_machine(bench, other) == min(one, other)
    actions.separate(bench, one, other, **WHY)
    assert bench.store.query("SELECT count(*) FROM machine") == [(2,)]
    with pytest.raises(RecordsError, match="same_device"):
        actions.join(bench, one, one, **WHY)


def test_a_correction_is_applied_and_the_original_stays(bench: log.Log) -> None:
    device = arrive(bench, "A1", "5XO")
    actions.correct(bench, device, "serial", "5X0", **WHY)
    assert bench.store.query("SELECT serial FROM machine") == [("5X0",)]
    kept = [one for one in bench.newest(device) if one.type == "machine.probed"]
    assert kept[0].data["facts"]["identity"]["serial"] == "5XO"
    for field, value in (("claim", "purge"), ("serial", 3), ("weight_g", -1), ("weight_g", "1")):
        with pytest.raises(RecordsError, match="event_data"):
            actions.correct(bench, device, field, value, **WHY)
    with pytest.raises(RecordsError, match="reason_missing"):
        actions.correct(bench, device, "serial", "x", reason=" ", operator="enc-1")


def test_two_benches_that_disagree_are_arbitrated_by_a_third_word(
    bench: log.Log, tmp_path: Path
) -> None:
    device = arrive(bench, "A1", "S1")
    workshop = keys.load(bench.store.path.parent / "keys" / "workshop.key")
    other = forge.Bench("other", workshop)
    bench.store.add(other.opened())
    words = {"field": "serial", "reason": "vu"}
    actions.correct(bench, device, "serial", "MINE", **WHY)
    bench.store.add([other.make("correction", words | {"value": "THEIRS"}, device=device)])
    found = review.review(bench, DAY)
    assert [(one.kind, one.detail) for one in found.to_arbitrate] == [("correction", "serial")]
    assert bench.store.query("SELECT serial, to_arbitrate FROM machine") == [("S1", 1)]
    actions.correct(bench, device, "serial", "THEIRS", **WHY)
    assert review.review(bench, DAY).to_arbitrate_count == 0
    assert bench.store.query("SELECT serial, to_arbitrate FROM machine") == [("THEIRS", 0)]


def test_a_grade_far_from_the_suggestion_is_shown(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    bench.append("grade.given", {"grade": "A"}, device=device)
    actions.override_grade(bench, device, "C", **WHY)
    (case,) = review.review(bench, DAY).far_grades.shown
    assert case.detail == "A → C"


def test_a_far_grade_somebody_stands_by_is_no_case_any_more(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    with pytest.raises(RecordsError, match="grade_missing"):
        actions.validate_grade(bench, device, operator="enc-1")
    bench.append("grade.given", {"grade": "A"}, device=device)
    actions.override_grade(bench, device, "D", reason="écran", operator="enc-1")
    assert review.review(bench, DAY).far_grades.count == 1
    bench.append("grade.validated", {"grade": "B"}, device=device)  # not the grade it has
    assert review.review(bench, DAY).far_grades.count == 1
    actions.validate_grade(bench, device, operator="enc-1")
    assert review.review(bench, DAY).far_grades.count == 0
    actions.override_grade(bench, device, "E", reason="pire", operator="enc-1")
    assert review.review(bench, DAY).far_grades.count == 1
    state = bench.store.state_hash()
    bench.store.rebuild()
    assert bench.store.state_hash() == state


def test_hours_are_by_step_and_never_by_person(bench: log.Log) -> None:
    for operator, minutes in (("op-1", 30), ("op-2", 45)):
        data = {"day": DAY, "step": "tests", "minutes": minutes}
        bench.append("hours.noted", data, operator=operator)
    bench.append("waste.weighed", {"kind": "d3e", "weight_g": 1500, "day": DAY})
    found = review.review(bench, DAY)
    assert found.minutes_by_step == {"tests": 75} and found.waste_g == {"d3e": 1500}
    columns = [row[1] for row in bench.store.query("PRAGMA table_info(hours)")]
    assert "operator" not in columns


def test_a_clock_that_went_back_is_a_warning(bench: log.Log) -> None:
    arrive(bench)
    assert "clock" not in {one.code for one in review.review(bench, DAY).warnings}
    assert isinstance(bench.clock, forge.Clock)
    bench.clock.moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert "clock" in {one.code for one in review.review(bench, DAY).warnings}


def test_a_day_badly_written_is_refused(bench: log.Log) -> None:
    for day in ("", "hier", "2026-13-01", "2026-01-05'; DROP TABLE event"):
        with pytest.raises(RecordsError, match="day_unreadable"):
            review.review(bench, day)


def test_a_code_on_two_machines_names_neither(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    assert actions.find_machine(bench, "A1") == device
    arrive(bench, "A1")
    for what in ("A1", "A9", ""):
        with pytest.raises(RecordsError, match="machine_unknown"):
            actions.find_machine(bench, what)


def holds(folder: Path, secret: bytes) -> list[str]:
    return [
        path.name for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()
    ]


def test_a_forgotten_person_is_in_no_byte_of_the_folder(bench: log.Log) -> None:
    folder = bench.store.path.parent
    fields = {"name": "Zébulon Krzyżanowski-Test", "phone": "06 99 98 97 96"}
    reference = persons.add(bench, "donor", fields)
    attachments.attach(bench.store, b"receipt for ZKT-in-full", person=reference)
    bench.append("donor.registered", {"donor": reference, "kind": "person"})
    found = persons.find(bench.store, reference)
    assert found and found.fields == fields
    assert holds(folder, b"Krzy") and holds(folder, b"ZKT-in-full")
    assert persons.forget(bench, reference).files == 1
    assert persons.find(bench.store, reference) is None
    assert holds(folder, b"Krzy") == holds(folder, b"ZKT-in-full") == []
    assert holds(folder, b"06 99 98 97 96") == []
    assert bench.verify().ok
    assert bench.store.query("SELECT kind FROM donor") == [("person",)]
    with pytest.raises(RecordsError, match="person_unknown"):
        persons.forget(bench, reference)


def test_persons_whose_time_is_over_are_forgotten(bench: log.Log) -> None:
    persons.add(bench, "beneficiary", {"name": "Une"}, keep_until="2025-12-31")
    kept = persons.add(bench, "beneficiary", {"name": "Deux"}, keep_until="2030-01-01")
    assert persons.forget(bench, *persons.expired(bench)).files == 0
    assert [person.reference for person in persons.everyone(bench.store)] == [kept]
    for fields, until in (({}, ""), ({"name": "x" * 501}, ""), ({"name": "x"}, "demain")):
        with pytest.raises(RecordsError, match="person_fields"):
            persons.add(bench, "donor", fields, keep_until=until)


def test_a_backup_put_back_is_the_store_and_still_forgets(bench: log.Log, tmp_path: Path) -> None:
    arrive(bench, "A1")
    reference = persons.add(bench, "donor", {"name": "Krzy"})
    state, stick = bench.store.state_hash(), tmp_path / "stick"
    saved = backup.save(bench, stick)
    assert saved.events == bench.store.count()
    assert "backup" not in {one.code for one in review.review(bench, DAY).warnings}
    fresh = tmp_path / "fresh"
    done = backup.restore(stick, fresh, moment="now")
    assert (done.events, done.former) == (saved.events, "")
    again = log.open_bench(fresh, forge.Clock(), forge.Noise("b"))
    assert again.key.id == bench.key.id and again.store.state_hash() == state
    persons.forget(bench, reference)
    backup.save(bench, stick)
    assert (
        b"Krzy" not in (backup.own_folder(stick, bench.key.id) / f"{backup.NAME}.1").read_bytes()
    )  # nor in one kept beside it
    again.store.close()


def test_a_backup_older_than_an_oblivion_forgets_when_both_are_known(
    bench: log.Log, tmp_path: Path
) -> None:
    reference = persons.add(bench, "donor", {"name": "Krzy"})
    persons.add(bench, "donor", {"name": "Autre"})
    backup.save(bench, tmp_path / "stick")
    persons.forget(bench, reference)
    told = list(bench.store.events())
    bench.store.close()
    (tmp_path / "data" / "etabli.db").rename(tmp_path / "lost.db")  # which knew who was forgotten
    done = backup.restore(tmp_path / "stick", tmp_path / "data", moment="m")
    assert done.former == ""
    store = Store.open(tmp_path / "data" / "etabli.db")
    assert len(persons.everyone(store)) == 2
    store.add(told)  # what the others kept comes back
    assert persons.forget_again(store) == 1
    assert [person.fields["name"] for person in persons.everyone(store)] == ["Autre"]


def test_benches_that_share_a_place_keep_their_own_copies(bench: log.Log, tmp_path: Path) -> None:
    """Each has its folder there: none overwrites another's keys or pushes its copies out."""
    stick, names = tmp_path / "stick", {}
    others = [
        log.open_bench(tmp_path / name, forge.Clock(), forge.Noise(name)) for name in ("b", "c")
    ]
    for one in (bench, *others, *others, *others):
        arrive(one, "A1")
        names[one.key.id] = (backup.save(one, stick).path, one.store.state_hash())
    for one in (bench, *others):
        path, state = names[one.key.id]
        folder = one.store.path.parent
        one.store.close()
        assert backup.restore(stick, folder, moment="m").path == path  # its own, of all there
        again = log.open_bench(folder, forge.Clock(), forge.Noise("again"))
        assert (again.key.id, again.store.state_hash()) == (one.key.id, state)
        again.store.close()
    with pytest.raises(RecordsError, match="backup_several"):  # a new computer: whose?
        backup.restore(stick, tmp_path / "new", moment="m")
    put = backup.restore(backup.own_folder(stick, bench.key.id), tmp_path / "new", moment="m")
    assert put.path == names[bench.key.id][0]


def test_a_damaged_backup_replaces_nothing(bench: log.Log, tmp_path: Path) -> None:
    arrive(bench, "A1")
    stick, data = tmp_path / "stick", bench.store.path.parent
    backup.save(bench, stick)
    stick = backup.own_folder(stick, bench.key.id)
    state = bench.store.state_hash()
    bench.store.close()
    whole = (stick / backup.NAME).read_bytes()
    at = whole.index(b'"type":"machine.arrived"')
    for damaged in (b"", b"SQLite format 3\0", whole[:5000], whole[:at] + b"x" + whole[at + 1 :]):
        (stick / backup.NAME).write_bytes(damaged)
        with pytest.raises(RecordsError, match="backup_bad"):
            backup.restore(stick, data, moment="m")
        assert not list(data.glob("etabli-before-*"))
        assert not list(data.glob(".restore*"))
    with pytest.raises(RecordsError, match="backup_missing"):
        backup.restore(tmp_path / "none", data, moment="m")
    assert Store.open(data / "etabli.db").state_hash() == state


@pytest.mark.long
def test_the_code_of_the_supervisor(bench: log.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    on_for = 1000.0
    monkeypatch.setattr(pin, "_uptime", lambda: on_for)
    with pytest.raises(RecordsError, match="pin_unset"):
        pin.unlock(bench, "271845")
    for weak in ("12345", "111111", "123456", "121212", "fedcba", "1" * 65, "abab11"[:5]):
        with pytest.raises(RecordsError, match="pin_weak"):
            pin.choose(bench, weak)
    pin.choose(bench, "271845")
    pin.unlock(bench, "271845")
    assert bench.supervisor is not None and bench.supervisor.public.hex() == pin.public(bench)
    for _ in range(3):
        with pytest.raises(RecordsError, match="pin_wrong"):
            pin.unlock(bench, "000000")
    assert isinstance(bench.clock, forge.Clock)
    for moved in (datetime.timedelta(days=9), -datetime.timedelta(days=4000)):
        bench.clock.moment += moved  # a clock set forward or back ends no wait
        with pytest.raises(RecordsError, match="pin_locked"):
            pin.unlock(bench, "271845")
    on_for += 31
    pin.unlock(bench, "271845")


@pytest.mark.long
def test_switching_off_and_on_makes_the_wait_begin_again(
    bench: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_for, boot = 5000.0, "first"
    monkeypatch.setattr(pin, "_uptime", lambda: on_for)
    monkeypatch.setattr(pin, "_boot", lambda: boot)
    pin.choose(bench, "271845")
    for _ in range(3):
        with pytest.raises(RecordsError, match="pin_wrong"):
            pin.unlock(bench, "000000")
    on_for, boot = 10.0, "second"
    with pytest.raises(RecordsError, match="pin_locked"):
        pin.unlock(bench, "271845")
    on_for = 31.0
    pin.unlock(bench, "271845")


@pytest.mark.long
def test_another_code_opens_the_same_key(bench: log.Log) -> None:
    pin.choose(bench, "271845")
    key = pin.public(bench)
    with pytest.raises(RecordsError, match="pin_weak"):
        pin.change(bench, "271845", "1234")
    pin.change(bench, "271845", "une phrase entière")
    pin.lock(bench)
    with pytest.raises(RecordsError, match="pin_wrong"):
        pin.unlock(bench, "271845")
    pin.unlock(bench, "une phrase entière")
    assert bench.supervisor is not None and bench.supervisor.public.hex() == key
    assert pin.public(bench) == key


def test_a_code_of_before_supervisors_keys_opens_and_is_said_to_be_old(bench: log.Log) -> None:
    salt = bytes(16)
    kept = salt + hashlib.scrypt(b"4271", salt=salt, n=2**14, r=8, p=1, dklen=32)
    bench.store.set_meta("pin", kept)
    pin.unlock(bench, "4271")
    assert bench.supervisor is None
    assert "code_old" in [warned.code for warned in review.review(bench, DAY).warnings]
    with pytest.raises(RecordsError, match="pin_wrong"):
        pin.change(bench, "4272", "271845")
    pin.change(bench, "4271", "271845")
    pin.unlock(bench, "271845")
    assert bench.supervisor is not None
    assert "code_old" not in [warned.code for warned in review.review(bench, DAY).warnings]


JOURNAL = {"journal_hash": "cd" * 32}


def open_cases(bench: log.Log) -> list[tuple[str, str]]:
    found = review.review(bench, DAY)
    assert found.can_close == (not found.blocking)
    assert [case.asset for case in found.erasures_open.shown] == [
        one.values["asset"] for one in found.blocking
    ]
    return [(one.code, str(one.values["disk"])) for one in found.blocking]


def test_an_erasure_cut_off_keeps_the_day_open_until_it_ends(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    erase(bench, device, "interrupted", **JOURNAL)
    assert open_cases(bench) == [("interrupted_erasure", "WDC D1")]
    with pytest.raises(RecordsError, match="day_blocked"):
        actions.close_day(bench, DAY, operator="enc-1")
    erase(bench, device, "clear", **PROOF)
    assert open_cases(bench) == []


@pytest.mark.parametrize("claim", ["interrupted", "failed"])
@pytest.mark.parametrize("settled", ["removed", "parts", "weee", "withdrawn"])
def test_what_somebody_settled_does_not_keep_the_day_open(
    bench: log.Log, claim: str, settled: str
) -> None:
    device = arrive(bench, "A1")
    erase(bench, device, claim, **JOURNAL)
    assert open_cases(bench) == [(f"{claim}_erasure", "WDC D1")]
    if settled == "removed":
        bench.append("disk.removed", {"disk": {"serial": "D1"}}, device=device)
    elif settled == "withdrawn":
        assert withdraw.withdraw(bench, device, "vu avec le chef", "enc-1") == 1
    else:
        bench.append("machine.destined", {"destination": settled}, device=device)
    assert open_cases(bench) == []
    assert review.review(bench, DAY).erasures_bad.count == 1  # still shown


def test_what_still_runs_is_shown_and_holds_up_no_day(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    order = {"job": "j", "disk": DISK, "technique": "overwrite"}
    bench.append("erase.planned", order, device=device)
    assert open_cases(bench) == []
    assert review.review(bench, DAY).erasures_bad.count == 1
    assert withdraw.withdraw(bench, device, "dossier perdu", "enc-1") == 1


def test_a_failed_disk_of_a_machine_set_aside_is_known(bench: log.Log) -> None:
    device = arrive(bench, "A1")
    erase(bench, device, "failed", **JOURNAL)
    bench.append("machine.blocked", {"reason": "erasure_failed"}, device=device)
    assert open_cases(bench) == []
    erase(bench, device, "interrupted", **JOURNAL)
    assert open_cases(bench) == [("interrupted_erasure", "WDC D1")]


def test_damage_does_not_hold_up_less_than_an_interruption(bench: log.Log) -> None:
    """Once the day could be closed as soon as the journal of the cut erasure was spoilt."""
    device = arrive(bench, "A1")
    erase(bench, device, "interrupted", **JOURNAL)
    spoilt = {"reasons": [{"code": "journal_damaged", "values": {}}]}
    erase(bench, device, "none", **JOURNAL, **spoilt)
    assert [code for code, _ in open_cases(bench)] == ["none_erasure"]
    assert withdraw.withdraw(bench, device, "vu", "enc-1") == 1
    assert open_cases(bench) == []


@pytest.mark.parametrize("claim", ["none", "refused"])
def test_a_disk_that_nothing_was_done_to_is_shown_only(bench: log.Log, claim: str) -> None:
    erase(bench, arrive(bench, "A1"), claim)
    assert open_cases(bench) == []
    assert review.review(bench, DAY).erasures_bad.count == 1
