"""Who is this: only who is listed is anybody, and nothing that is scanned becomes a person."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bench.errors.failure import Failure
from bench.exchange.bag import export_bag
from bench.guide.badges import why_no_badge
from bench.guide.people import Listed
from bench.records import log, persons
from bench.records.day import pin
from bench.records.errors import RecordsError
from bench.setup import people
from bench.setup.settings import Operator, Settings
from bench.training.lesson import Lesson, lessons
from bench.training.port import ExercisePort
from bench.workbench.learning import LessonsKept
from bench.workbench.people import PeopleDesk
from labels import identifier
from tests import forge

NADIA = Operator("NAD", "Nadia")
SETTINGS = Settings(operators=(NADIA, Operator("4213")))
CODE = "481516"
LABEL = str(identifier.make("R", "C", 26, 4217))
WRONG = {  # what a scanner may read by mistake, and why it is nobody's badge
    LABEL: "label",
    LABEL.replace("-", ""): "label",
    "4006381333931": "product",  # EAN-13 of a pencil
    "96385074": "product",  # EAN-8
    "036000291452": "product",  # UPC-A
    "(01)09506000134352": "product",
    "352099001761481": "product",  # IMEI
    "https://etabli.example/m/RC26": "web",
    "www.example.org/1": "web",
    "HTTPS://EXAMPLE.ORG/A": "web",
    "A" * 4000: "unreadable",
    "https://example.org/" + "a" * 4000: "web",
    "": "unreadable",
    "  ": "unreadable",
    "NA\x00D": "unreadable",
    "5CD1234XYZ": "serial",
    "PF1ABCDE": "serial",
    "WD-WCC4E1234567": "serial",
    "S3Z9NB0K8F3K": "serial",
    "S/N 1234": "serial",
    "ACT-CHOICE-1": "action",
    "2": "shape",
    "12": "shape",
    "-": "shape",
    "A+B": "shape",
}


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def desk(records: log.Log, settings: Settings = SETTINGS) -> PeopleDesk:
    return PeopleDesk(records, settings)


@pytest.mark.long
@pytest.mark.parametrize(("text", "why"), WRONG.items(), ids=lambda text: text[:20])
def test_what_is_no_badge_makes_nobody_and_says_so(records: log.Log, text: str, why: str) -> None:
    assert why_no_badge(text) == why
    for settings in (Settings(), SETTINGS):
        for typed in (False, True):
            who = desk(records, settings).who(text, typed=typed)
            assert not who.ok and not who.new and who.text.count(".") in (1, 2)
    with pytest.raises(Failure):
        people.add(records, (), "Nadia", text.strip() or "-")
    assert not persons.everyone(records.store)


@pytest.mark.parametrize("badge", ["OP-7F3K", "NAD", "AB-12", "004213", "Nadia B", "1234567890"])
def test_what_may_be_a_new_badge_is_asked_about_and_lists_nobody(
    records: log.Log, badge: str
) -> None:
    who = desk(records, Settings()).who(badge, typed=False)
    assert who.new and not who.ok and who.code == badge.upper()
    assert not desk(records, Settings()).listed()


def test_the_serial_of_a_known_machine_is_no_badge(records: log.Log) -> None:
    assert not why_no_badge("H7K2M")
    device = records.new_device()
    records.append("machine.arrived", {"asset": LABEL, "kind": "laptop"}, device=device)
    facts = {"identity": {"serial": "H7K2M"}, "disks": [{"model": "WDC", "serial": "D-17"}]}
    records.append("machine.probed", {"facts": facts}, device=device)
    for serial in ("H7K2M", "D-17"):
        assert "numéro de série" in desk(records).who(serial, typed=False).text
    in_hand = PeopleDesk(records, SETTINGS, lambda: ("B0ARD",))
    assert "numéro de série" in in_hand.who("B0ARD", typed=False).text


@pytest.mark.parametrize("text", ["NAD", "nad", "  nad ", "Nadia", "NADIA", "nqd", "$è"])
def test_a_code_or_a_name_says_who_it_is(records: log.Log, text: str) -> None:
    """A scanner on the other keyboard layout changes letters: « nqd » is « nad »."""
    who = desk(records).who(text, typed=True)
    assert who.ok == (text not in ("nqd", "$è"))
    assert not who.ok or (who.code, who.name) == ("NAD", "Nadia")


def test_a_code_of_digits_is_found_on_a_french_keyboard_too(records: log.Log) -> None:
    assert desk(records).who("'é&\"", typed=True).code == "4213"


def test_a_name_that_two_bear_is_neither() -> None:
    twice = (Operator("A-1", "Élodie"), Operator("B-2", "Elodie"))
    assert people.find(twice, "elodie") is None
    assert people.find(twice, "b-2") == twice[1]


def test_a_new_person_is_listed_once_and_found_by_badge_and_name(records: log.Log) -> None:
    bench = desk(records)
    added = bench.add(" Élodie ", "op-7f3k", "")
    assert added.person == Listed("OP-7F3K", "Élodie")
    assert bench.who("OP-7F3K", typed=False).name == "Élodie"
    assert bench.who("elodie", typed=True).code == "OP-7F3K"
    assert [one.name for one in bench.listed()] == ["Nadia", "4213", "Élodie"]
    for name, badge in (("elodie", ""), ("NAD", ""), ("Karim", "NAD"), ("Karim", "OP-7F3K")):
        told = bench.add(name, badge, "")
        assert told.person is None and told.text
    assert len(persons.everyone(records.store)) == 1
    assert not [*records.store.events("1")][1:] or "Élodie" not in str(
        [one.event.data for one in records.store.events("1")]
    )


@pytest.mark.parametrize("name", ["", " ", "2", "7 nains", "A" * 25, "Na\x07", LABEL, "www.a.b/c"])
def test_a_name_that_is_none_is_refused(records: log.Log, name: str) -> None:
    told = desk(records).add(name, "", "")
    assert told.person is None and told.text and not told.asks_code


def test_who_has_no_badge_gets_a_code_that_is_not_the_name(records: log.Log) -> None:
    bench = desk(records)
    codes = set()
    for name in ("Karim", "Sam", "Lou"):
        who = bench.who(name.upper(), typed=True)
        assert who.new and not who.code and who.name == name
        added = bench.add(who.name, who.code, "")
        assert added.person is not None and name.upper() not in added.person.code
        codes.add(added.person.code)
    assert len(codes) == 3 and all(not why_no_badge(code) for code in codes)


@pytest.mark.long
def test_where_a_code_is_set_nobody_is_added_without_it(records: log.Log) -> None:
    pin.choose(records, CODE)
    pin.lock(records)
    bench = desk(records)
    assert bench.add("Karim", "", "").asks_code
    assert bench.add("Karim", "", "000000").text and not persons.everyone(records.store)
    assert bench.add("Karim", "", CODE).person is not None
    assert records.supervisor is None  # nothing else may be decided by it


@pytest.mark.long
def test_the_right_code_is_asked_slowly_after_wrong_ones(records: log.Log) -> None:
    pin.choose(records, CODE)
    bench = desk(records)
    for _ in range(4):
        told = bench.add("Karim", "", "000000")
    assert bench.add("Karim", "", CODE).person is None and told.text


def test_who_is_forgotten_is_not_listed_any_more(records: log.Log) -> None:
    bench = desk(records)
    bench.add("Karim", "OP-7F3K", "")
    (person,) = persons.everyone(records.store, "operator")
    persons.forget(records, person.reference)
    assert not bench.who("OP-7F3K", typed=False).ok


def test_reading_without_writing_gives_the_same_people(records: log.Log, tmp_path: Path) -> None:
    desk(records).add("Karim", "OP-7F3K", "")
    database = tmp_path / "data" / "etabli.db"
    assert people.read(database, SETTINGS) == people.listed(records.store, SETTINGS)
    assert people.read(tmp_path / "none.db", SETTINGS) == SETTINGS.operators
    (tmp_path / "bad.db").write_bytes(b"no database")
    assert people.read(tmp_path / "bad.db", SETTINGS) == SETTINGS.operators


def test_a_finished_exercise_is_kept_beside_the_name_and_goes_with_the_person(
    records: log.Log, tmp_path: Path
) -> None:
    before = [*records.events()]
    desk(records).add("Karim", "OP-7F3K", "")
    kept = LessonsKept(lambda: records)
    assert not kept.finished("OP-7F3K")
    for lesson in ("two", "first", "first"):
        kept.keep(Listed("OP-7F3K", "Karim"), lesson)
    assert kept.finished("OP-7F3K") == {"first", "two"} and not kept.finished("NAD")
    assert [person.name for person in people.listed(records.store, SETTINGS)][-1] == "Karim"
    assert [*records.events()] == before  # not in the log
    export_bag(records, tmp_path / "bag.zip")
    with zipfile.ZipFile(tmp_path / "bag.zip") as bag:
        assert not [name for name in bag.namelist() if b"first two" in bag.read(name)]
    (person,) = persons.everyone(records.store, "operator")
    persons.forget(records, person.reference)
    assert not kept.finished("OP-7F3K")


def test_an_exercise_of_who_stands_in_the_settings_lists_nobody(records: log.Log) -> None:
    kept = LessonsKept(lambda: records)
    kept.keep(Listed("NAD", "Nadia"), "first")
    kept.keep(Listed("NAD", "Nadia"), "two")
    assert kept.finished("NAD") == {"first", "two"}
    assert len(persons.everyone(records.store, "operator")) == 1
    assert people.listed(records.store, SETTINGS) == SETTINGS.operators
    assert people.listed(records.store, Settings()) == ()  # taken off the settings: not listed


def test_only_who_is_known_is_amended(records: log.Log) -> None:
    with pytest.raises(RecordsError) as refused:
        persons.amend(records, "nobody", {"name": "x"})
    assert refused.value.code == "person_unknown"
    reference = persons.add(records, "operator", {"code": "OP-1", "name": "A"})
    with pytest.raises(RecordsError) as wrong:
        persons.amend(records, reference, {})
    assert wrong.value.code == "person_fields"
    found = persons.find(records.store, reference)
    assert found is not None and found.fields == {"code": "OP-1", "name": "A"}


@pytest.mark.parametrize("known", [True, False], ids=["with its people", "alone"])
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.id)
def test_an_exercise_takes_for_somebody_only_whom_the_bench_does(
    records: log.Log, lesson: Lesson, known: bool
) -> None:
    """But a badge that is on no list yet, where a badge is what there is to be scanned."""
    bench = desk(records)
    exercise = ExercisePort(lesson, bench if known else None, float).people
    for text in (*WRONG, "X1", "zz9", "12", "Paul", "une phrase", "AB-12", "OP-7F3K", "004213"):
        for typed in (False, True):
            real, played = bench.who(text, typed=typed), exercise.who(text, typed=typed)
            scans = lesson.scans_badge and not typed and real.new
            assert played.ok == (real.ok or scans), text
            assert played.text == ("" if scans else real.text)
    for person in exercise.listed():
        assert exercise.who(person.name, typed=True).code == person.code
