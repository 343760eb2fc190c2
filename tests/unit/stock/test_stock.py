"""Lots, donors, destinations, hand-overs and the daybook, through the commands people type."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.casefile import writing
from bench.documents.signed import verify
from bench.errors.failure import Failure
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records import persons
from bench.records.log import Log, open_bench
from bench.setup.clock import SystemClock
from bench.setup.settings import Settings
from bench.stock import donors, leaving, lots
from tests import forge
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.recorded import ASSETS, LOT, FixedClock, record

GOOD, LEFT, EMPTY = ASSETS  # erased; a disk in it is not; never probed
SIRET = "21590350100017"
DONOR = ("--donor", "Mairie de Lille", "--kind", "public", "--siret", SIRET)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    record(tmp_path / "data")
    return tmp_path / "data"


def run(data: Path, *words: str) -> int:
    return main([*words, "--data", str(data)])


def row(data: Path, sql: str, *values: str) -> tuple[object, ...]:
    log = open_bench(data, FixedClock())
    try:
        return tuple(log.store.query(sql, values)[0])
    finally:
        log.store.close()


def state(data: Path, asset: str) -> object:
    return row(data, "SELECT state FROM machine WHERE asset = ?", asset)[0]


def opened(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(data, "lot", "open", *DONOR, "--count", "4") == 0
    found = re.search(r"L\d\d-1-\d{3}", capsys.readouterr().out)
    assert found is not None
    return found[0]


def test_a_lot_from_its_promise_to_the_donors_pack(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lot = opened(data, capsys)
    assert run(data, "lot", "collect", lot, "--count", "4") == 0
    assert run(data, "lot", "weigh", lot, "12,5") == 0
    assert run(data, "lot", "weigh", lot.lower(), "0,250 kg") == 0
    assert run(data, "lot", "close", lot) == 3  # not received
    assert run(data, "lot", "receive", lot, "--count", "2") == 0
    assert run(data, "lot", "add", lot, GOOD, LEFT) == 0
    capsys.readouterr()
    assert run(data, "lot", "--data", str(data)) == 0
    shown = capsys.readouterr().out
    assert (
        f"{lot}  reçu  Mairie de Lille  machines : 2, promis : 4, 12,75 kg, à régler : 1" in shown
    )

    assert run(data, "lot", "close", lot) == 3
    assert LEFT in capsys.readouterr().err
    assert run(data, "destine", LEFT, "--to", "reuse") == 0
    assert run(data, "lot", "close", lot) == 3  # decided, but a disk of it is not erased
    assert "pas effacés" in capsys.readouterr().err
    _take_out(data, LEFT)
    assert run(data, "lot", "close", lot) == 0
    assert run(data, "lot", "weigh", lot, "1") == 3  # closed
    assert run(data, "lot", "add", lot, EMPTY) == 3
    out = data / "out"
    assert run(data, "certificate", lot, "--kind", "donor", "--out", str(out)) == 0
    pack = verify((out / f"donor-{lot}.json").read_bytes())
    assert pack.whole and pack.payload is not None
    assert pack.payload["donor"]["name"] == "Mairie de Lille"
    assert pack.payload["donor"]["identifier"] == SIRET
    text = " ".join(texts((out / f"donor-{lot}.pdf").read_bytes()))
    assert "Mairie de Lille" in text and GOOD in text

    assert run(data, "lot", "reopen", lot) == 0
    assert row(data, "SELECT state, closed_day FROM lot WHERE lot = ?", lot) == ("received", "")


def _take_out(data: Path, asset: str) -> None:
    """The disk that is not erased leaves the machine, as the screens record it."""
    log = open_bench(data, FixedClock())
    device = writing.must_know(log, asset)
    for disk in log.dossier(device).inside:
        if not disk.erased:
            name = {"serial": disk.identity.serial, "size_bytes": disk.identity.size_bytes}
            log.append("disk.removed", {"disk": name}, device=device)
    log.store.close()


def test_a_forgotten_donor_is_a_reference_on_every_paper(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lot = opened(data, capsys)
    log = open_bench(data, FixedClock())
    (donor,) = [one for one in donors.donors(log) if one.name == "Mairie de Lille"]
    kept = persons.find(log.store, donor.reference)
    log.store.close()
    assert kept is not None and kept.fields["siret"] == SIRET
    assert run(data, "forget", "--list") == 0
    assert "Mairie de Lille" in capsys.readouterr().out
    assert run(data, "forget", donor.reference) == 0
    assert run(data, "lot", "list") == 0
    shown = capsys.readouterr().out
    assert "Mairie" not in shown and donor.reference in shown
    raw = b"".join(path.read_bytes() for path in data.glob("records.db*"))
    assert b"Mairie de Lille" not in raw
    assert run(data, "certificate", lot, "--kind", "donor", "--out", str(data / "out")) == 0


def test_a_private_donor_has_no_number_and_an_end(data: Path) -> None:
    words = ("--kind", "person", "--siret", SIRET, "--contact", "06 00")
    assert run(data, "donor", "add", "Lucie M.", *words) == 0
    log = open_bench(data, FixedClock())
    (donor,) = [one for one in donors.donors(log) if one.kind == "person"]
    log.clock = SystemClock()  # the command's
    kept = persons.find(log.store, donor.reference)
    log.store.close()
    assert donor.siren == "" and kept is not None
    assert "siret" not in kept.fields
    assert kept.keep_until == donors.years_on(log, donors.KEEP_YEARS)


@pytest.mark.parametrize("destination", ["parts", "weee"])
def test_no_machine_with_data_goes_to_parts_or_waste(data: Path, destination: str) -> None:
    for asset in (LEFT, EMPTY):
        before = state(data, asset)
        assert run(data, "destine", asset, "--to", destination) == 3
        assert state(data, asset) == before
    assert run(data, "destine", GOOD, LEFT, "--to", destination) == 3  # all of them or none
    assert state(data, GOOD) != "gone"
    assert run(data, "destine", GOOD, "--to", destination) == 0
    assert state(data, GOOD) == "gone"
    assert run(data, "handover", GOOD) == 3
    assert run(data, "destine", GOOD, "--to", "reuse") == 0  # taken back
    assert state(data, GOOD) == "probed"


def test_a_machine_is_handed_over_once_with_its_paper_and_comes_back(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", str(data / "out"))
    assert run(data, "handover", GOOD, "--price", "20", "--name", "Ali B.", *out) == 0
    told = capsys.readouterr().out
    assert state(data, GOOD) == "handed_over"
    paper = verify((data / "out" / f"handover-{GOOD}.json").read_bytes())
    assert paper.whole and paper.payload is not None
    recipient = paper.payload["recipient"]
    assert recipient in told and paper.payload["items"][0]["price_cents"] == 2000
    assert b"Ali" not in (data / "out" / f"handover-{GOOD}.json").read_bytes()
    log = open_bench(data, FixedClock())
    kept = persons.find(log.store, recipient)
    bodies = b"".join(signed.body for signed in log.store.events("1"))
    log.store.close()
    assert kept is not None and kept.fields == {"name": "Ali B."} and kept.role == "beneficiary"
    assert b"Ali" not in bodies

    assert run(data, "handover", GOOD, *out) == 3
    assert run(data, "destine", GOOD, "--to", "weee") == 3
    assert run(data, "handover", GOOD, "--undo", " ") == 2
    assert run(data, "handover", GOOD, "--undo", "écran cassé") == 0
    assert state(data, GOOD) == "probed"
    assert run(data, "handover", GOOD, "--undo", "encore") == 3
    capsys.readouterr()
    assert run(data, "handover", GOOD, "--json", *out) == 0
    handed = json.loads(capsys.readouterr().out)
    assert (handed["asset"], handed["taken_back"]) == (GOOD, False) and handed["recipient"]
    assert [Path(path).suffix for path in handed["papers"]] == [".json", ".pdf"]
    assert run(data, "handover", GOOD, "--undo", "écran noir", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"asset": GOOD, "taken_back": True}
    assert run(data, "handover", GOOD, *out) == 0
    assert row(data, "SELECT count(*) FROM to_arbitrate")[0] == 0


@pytest.mark.parametrize(
    ("asset", "words"),
    [(LEFT, ()), (EMPTY, ()), (GOOD, ("--price", "100000")), (GOOD, ("--price", "abc"))],
)
def test_what_must_not_leave_leaves_no_paper_and_no_event(
    data: Path, asset: str, words: tuple[str, ...]
) -> None:
    events = row(data, "SELECT count(*) FROM event")
    code = run(data, "handover", asset, *words, "--name", "X", "--out", str(data / "out"))
    assert code in (2, 3)
    assert not (data / "out").exists() and row(data, "SELECT count(*) FROM event") == events
    assert row(data, "SELECT count(*) FROM person")[0] == 0


def test_a_blocked_machine_stays(data: Path) -> None:
    log = open_bench(data, FixedClock())
    device = writing.must_know(log, GOOD)
    log.append("machine.blocked", {"reason": "help_checks"}, device=device)
    log.store.close()
    events = row(data, "SELECT count(*) FROM event")
    assert run(data, "handover", GOOD) == 3
    # Nor is there a signed bon de remise that says it left.
    bon = ("certificate", GOOD, "--kind", "handover", "--out", str(data / "out"))
    assert run(data, *bon) == 3
    assert not (data / "out").exists() and row(data, "SELECT count(*) FROM event") == events


def test_the_bon_of_a_machine_that_left_is_written_again(data: Path) -> None:
    out = ("--out", str(data / "out"))
    assert run(data, "handover", GOOD, *out) == 0
    assert run(data, "certificate", GOOD, "--kind", "handover", *out) == 0


def test_what_arrives_at_a_bench_is_of_the_lot_it_unpacks(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lot = opened(data, capsys)
    assert run(data, "lot", "unpack", lot) == 0
    log = open_bench(data, FixedClock())
    first = writing.arrive(log, "RC26-000009-1")
    log.store.close()
    assert row(data, "SELECT lot FROM machine WHERE device = ?", first) == (lot,)
    assert run(data, "lot", "receive", lot, "--count", "1") == 0
    assert run(data, "lot", "unpack") == 0
    log = open_bench(data, FixedClock())
    second = writing.arrive(log, "RC26-000010-1")
    log.store.close()
    assert row(data, "SELECT lot FROM machine WHERE device = ?", second) == ("",)


def test_waste_hours_and_parts_are_in_the_review_and_hours_are_nobodys(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, "note", "waste", "weee", "3,2") == 0
    assert run(data, "note", "hours", "checks", "90") == 0
    assert run(data, "note", "part", GOOD, "SSD 256 Go", "--from", LEFT) == 0
    with pytest.raises(SystemExit):
        run(data, "note", "hours", "checks", "90", "--operator", "NAD")
    log = open_bench(data, FixedClock())
    (hours,) = [event for event in log.events() if event.type == "hours.noted"]
    day = hours.data["day"]
    log.store.close()
    assert hours.operator == ""
    capsys.readouterr()
    run(data, "review", "--day", str(day))
    shown = capsys.readouterr().out
    assert "1 h 30" in shown
    kinds = row(data, "SELECT count(*) FROM waste WHERE kind = 'weee' AND weight_g = 3200")
    assert kinds == (1,)
    assert row(data, "SELECT sum(parts) FROM day") == (1,)


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        ("lot", "open", "--donor", "Personne"),
        ("lot", "open", LOT, *DONOR),
        ("lot", "open", "../x", *DONOR),
        ("lot", "open", "N1", "--donor", "", "--kind", "company"),
        ("lot", "open", "N1", "--donor", "X", "--kind", "company", "--siret", "123"),
        ("lot", "open", "N1", *DONOR, "--day", "hier"),
        ("lot", "open", "N1", *DONOR, "--count", "-3"),
        ("lot", "show", "NONE"),
        ("lot", "weigh", LOT, "lourd"),
        ("lot", "weigh", LOT, "-3"),
        ("lot", "weigh", LOT, "1e9"),
        ("lot", "weigh", LOT, "0"),
        ("lot", "weigh", LOT, "²"),
        ("lot", "add", LOT, "nothing"),
        ("destine", GOOD, "--to", "reuse", "--weight", "x"),
        ("note", "waste", "gold", "1"),
        ("note", "hours", "sleep", "10"),
        ("note", "hours", "checks", "1500"),
        ("note", "hours", "checks", "10", "--day", "2026-13-01"),
        ("note", "part", GOOD, " "),
        ("note",),
    ],
)
def test_wrong_words_get_one_sentence_and_change_nothing(
    data: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = row(data, "SELECT count(*) FROM event"), row(data, "SELECT count(*) FROM person")
    capsys.readouterr()
    try:
        code = run(data, *words)
    except SystemExit as stop:  # argparse takes "-3" for an option
        code = int(str(stop.code))
    assert code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said
    assert (row(data, "SELECT count(*) FROM event"), row(data, "SELECT count(*) FROM person")) == (
        before
    )


def test_lots_as_programs_read_them(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(data, "lot", "list", "--json") == 0
    (lot,) = json.loads(capsys.readouterr().out)
    assert lot["lot"] == LOT and lot["machines"] == 3 and lot["open"] == 2


def test_the_same_end_and_the_same_hand_over_on_another_bench(tmp_path: Path) -> None:
    """Closed, reopened, handed over, taken back: the tables agree wherever the events go."""
    first = open_bench(tmp_path / "a", forge.Clock(), forge.Noise("a"), name="A")
    device = writing.arrive(first, "X1")
    first.append("lot.received", {"count": 1}, lot="L1")
    for reopened in (False, True, False):
        first.append("lot.closed", {"count": 1, "reopened": reopened}, lot="L1")
    first.append("handover.done", {"recipient": "r"}, device=device)
    first.append("handover.undone", {"reason": "back"}, device=device)
    bag = tmp_path / "bag.zip"
    export_bag(first, bag)
    other = open_bench(tmp_path / "b", forge.Clock(), forge.Noise("b"), name="B")
    assert import_bags(other, [bag], heard=forge.heard(bag)).ok

    def told(log: Log) -> list[tuple[object, ...]]:
        return [
            *log.store.query("SELECT lot, state, closed_day FROM lot"),
            *log.store.query("SELECT device, state FROM machine"),
        ]

    assert told(first) == told(other)
    assert told(first)[0][1] == "closed" and told(first)[1] == (device, "arrived")
    first.store.rebuild()
    assert told(first) == told(other)


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("732829320", True),
        ("73282932000074", True),
        ("73282932000075", False),
        ("35600000000048", True),  # La Poste: its own rule
        ("356000000", True),
        ("000000001", False),
        ("1234", False),
    ],
)
def test_numbers_of_companies(number: str, good: bool) -> None:
    assert donors.good_number(number) is good


def test_the_next_name_passes_over_every_name_there_is(data: Path) -> None:
    log = open_bench(data, FixedClock())
    settings = Settings(workshop="Atelier des Weppes")
    log.append("lot.promised", {"count": 1}, lot="L26-1-007")
    writing.arrive(log, "RC26-000011-1", lot="L26-1-009")
    assert lots.next_name(log, settings) == "L26-1-010"
    log.store.close()


def test_a_lot_named_on_another_bench_is_found_as_it_is_written(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = open_bench(data, FixedClock())
    log.append("lot.received", {"count": 1}, lot="Dons du Nord")
    device = writing.arrive(log, "RC26-000044-D", lot="seulement nommé")  # no lot was opened
    log.store.close()
    assert run(data, "lot", "show", "Dons du Nord") == 0
    assert run(data, "lot", "show", LOT.lower()) == 0
    log = open_bench(data, FixedClock())
    assert lots.put_in(log, LOT, [device], reason="sorted") == 1
    log.store.close()


def test_who_does_not_hold_a_machine_neither_gives_nor_takes_it(tmp_path: Path) -> None:
    first = open_bench(tmp_path / "a", forge.Clock(), forge.Noise("a"), name="A")
    device = writing.arrive(first, "X1")
    first.append("handover.done", {"recipient": "r"}, device=device)
    export_bag(first, tmp_path / "bag.zip")
    other = open_bench(tmp_path / "b", forge.Clock(), forge.Noise("b"), name="B")
    assert import_bags(other, [tmp_path / "bag.zip"], heard=forge.heard(tmp_path / "bag.zip")).ok
    with pytest.raises(Failure, match=r"stock\.not_ours"):
        leaving.take_back(other, device, reason="came to us")
    second = writing.arrive(first, "X2")
    export_bag(first, tmp_path / "more.zip")
    assert import_bags(other, [tmp_path / "more.zip"], heard=forge.heard(tmp_path / "more.zip")).ok
    with pytest.raises(Failure, match=r"stock\.not_ours"):
        leaving.destine(other, second, "reuse")
    with pytest.raises(Failure, match=r"stock\.not_ours"):
        leaving.hand_over(
            other, second, Settings(workshop="Atelier des Weppes"), tmp_path / "papers"
        )
    assert not (tmp_path / "papers").exists()
    assert not [e for e in other.events() if e.type in ("handover.undone", "machine.destined")]
    leaving.take_back(first, device, reason="came back")
    states = dict(first.store.query("SELECT device, state FROM machine"))
    assert states == {device: "arrived", second: "arrived"}
