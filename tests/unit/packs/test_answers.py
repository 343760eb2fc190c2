"""Grading rules of the network: used once a supervisor of the workshop took them, and named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.casefile.grade import give_grade
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.grading import rules as grading_rules
from bench.grading.engine import grade
from bench.grading.facts import GradeFacts
from bench.grading.rules import standard_rules
from bench.packs import shelf
from bench.records import joining, log
from bench.records.day import pin
from bench.records.errors import RecordsError
from bench.records.signed import keys
from bench.records.store import Store
from bench.workbench.review import ReviewDesk
from tests import forge, scenario

REGION = keys.Key(b"\7" * 32)
CODE = "271845"
OURS = Path(grading_rules.__file__).with_name("rules.toml").read_bytes()
OURS = OURS.replace(standard_rules().version.encode(), b"reseau-2026")
MILDER = OURS.replace(b"at_least = 85", b"at_least = 80")


def coordinating(folder: Path) -> log.Log:
    made = forge.store_of(folder, "region")
    forge.register(made.store, REGION, region=True)
    told = keys.certify(REGION, made.key.public, name="r", at="", role="coordination")
    made.append("bench.certified", {"certificate": told.plain()})
    return made


def workshop_of(shop: log.Log) -> keys.Key:
    return keys.load(shop.store.path.parent / "keys" / "workshop.key")


@pytest.fixture
def region(tmp_path: Path) -> log.Log:
    return coordinating(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> log.Log:
    """The workshop's computer, which knows the region."""
    made = forge.store_of(tmp_path, "shop")
    forge.register(made.store, REGION, region=True)
    return made


def joined(folder: Path, name: str, shop: log.Log, *, code: bool = True) -> log.Log:
    """A bench of that workshop, with a supervisor's code or without; joining told it the region."""
    bench = forge.store_of(folder, name)
    if code:
        pin.choose(bench, CODE)
    supervisor = str(bench.store.meta("supervisor_public") or "") if code else ""
    raw = joining.request(bench, name, supervisor)
    answer = joining.admit(shop, workshop_of(shop), raw, heard=bench.key.fingerprint)
    joining.join(bench, answer, heard=workshop_of(shop).fingerprint)
    return bench


def publish(region: log.Log, content: bytes = MILDER, pack: str = "notes") -> None:
    shelf.publish(region, pack=pack, kind="grading", title="Règles 2026", content=content)


def give(one: log.Log, folder: Path, *others: log.Log) -> None:
    path = folder / f"{one.key.id[:6]}-{one.store.count()}.zip"
    export_bag(one, path, packs=True)
    for other in others:
        (bag,) = import_bags(other, [path]).bags
        assert bag.error is None


@pytest.mark.long
def test_rules_wait_for_a_supervisor_and_are_named_in_the_grade(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    bench = joined(tmp_path, "bench", shop)
    publish(region)
    give(region, tmp_path, bench)
    assert shelf.rules_in_force(bench) is standard_rules()
    pack = shelf.pack_named(bench, "notes")
    with pytest.raises(RecordsError, match="supervisor_needed"):
        shelf.answer(bench, pack, True)
    assert shelf.rules_in_force(bench) is standard_rules()
    pin.unlock(bench, CODE)
    shelf.answer(bench, pack, True)
    found = shelf.rules_in_force(bench)
    assert found.battery[0].at_least == 80
    assert found.version == f"notes 1 ({pack.file[:16]})"
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    result = give_grade(bench, device)
    assert result.rule_set == found.version
    assert bench.store.query("SELECT rule_set FROM grade") == [(found.version,)]
    shelf.answer(bench, pack, False)
    assert shelf.rules_in_force(bench) is standard_rules()


def test_an_answer_by_hand_without_the_code_is_none(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    """The thief of a stick has its key, not the code."""
    bench = joined(tmp_path, "bench", shop)
    publish(region)
    give(region, tmp_path, bench)
    pack = shelf.pack_named(bench, "notes")
    forged = forge.Bench("thief", workshop_of(shop))
    forged.key = bench.key
    ((forged.seq, forged.tick, forged.prev),) = bench.store.query(
        "SELECT seq, 90, lower(hex(hash)) FROM event WHERE bench = ? ORDER BY seq DESC LIMIT 1",
        (bench.key.id,),
    )
    said = {"pack": "notes", "publication": pack.event, "answer": "accepted"}
    bench.store.add([forged.make("pack.answered", said)])
    assert shelf.accepted(bench) is None and shelf.rules_in_force(bench) is standard_rules()


@pytest.mark.long
def test_one_answer_is_the_whole_workshop_s_and_nobody_else_s(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    bench = joined(tmp_path, "bench", shop)
    other = joined(tmp_path, "other", shop)
    publish(region)
    give(region, tmp_path, bench, other, shop)
    pin.unlock(bench, CODE)
    shelf.answer(bench, shelf.pack_named(bench, "notes"), True)
    export_bag(bench, tmp_path / "up.zip")
    assert import_bags(shop, [tmp_path / "up.zip"]).ok
    give(shop, tmp_path, other)
    assert shelf.rules_in_force(other).battery[0].at_least == 80
    stranger = forge.store_of(tmp_path, "stranger")
    forge.register(stranger.store, REGION, workshop_of(shop), region=True)
    give(shop, tmp_path, stranger)
    assert shelf.pack_named(stranger, "notes").answer == ""
    assert shelf.rules_in_force(stranger) is standard_rules()


def test_a_newer_version_waits_while_the_accepted_one_holds(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    publish(region)
    give(region, tmp_path, shop)
    shelf.answer(shop, shelf.pack_named(shop, "notes"), True)  # a bench alone, without a code
    publish(region, OURS.replace(b"at_least = 85", b"at_least = 90"))
    give(region, tmp_path, shop)
    assert shelf.rules_in_force(shop).battery[0].at_least == 80
    assert shelf.pack_named(shop, "notes").answer == ""
    shelf.answer(shop, shelf.pack_named(shop, "notes"), True)
    assert shelf.rules_in_force(shop).battery[0].at_least == 90
    shelf.withdraw(region, "notes", reason="à revoir")
    give(region, tmp_path, shop)
    assert shelf.rules_in_force(shop) is standard_rules()


def test_rules_whose_file_has_not_come_are_not_guessed(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    publish(region)
    shop.store.add(list(region.store.events()))
    pack = shelf.pack_named(shop, "notes")
    with pytest.raises(RecordsError, match="pack_absent"):
        shelf.answer(shop, pack, True)
    shop.append("pack.answered", {"pack": "notes", "publication": pack.event, "answer": "accepted"})
    assert shelf.rules_in_force(shop) is standard_rules()
    give(region, tmp_path, shop)
    assert shelf.rules_in_force(shop).battery[0].at_least == 80


def test_the_review_of_the_day_asks_and_takes_the_answer(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    """On a bench that has screens and no commands: behind the supervisor's code."""
    bench = joined(tmp_path, "bench", shop)
    publish(region)
    give(region, tmp_path, bench)
    desk = ReviewDesk(bench, tmp_path / "out")
    (found,) = [each for each in desk.day().findings if each.key.list == "pack"]
    assert found.subject == "notes 1" and "Règles 2026 (d'après " in found.detail
    assert [each.key for each in found.actions] == ["decline", "accept"] and not found.blocks
    assert not desk.act(found.key, "accept", ()).ok  # nobody has entered
    assert shelf.accepted(bench) is None
    assert desk.enter("ENC", CODE).ok
    assert desk.act(found.key, "accept", ()).ok
    assert shelf.rules_in_force(bench).battery[0].at_least == 80
    assert [each for each in desk.day().findings if each.key.list == "pack"] == []
    assert not desk.act(found.key, "accept", ()).ok  # answered already
    publish(region, OURS.replace(b"at_least = 85", b"at_least = 90"))
    give(region, tmp_path, bench)
    (found,) = [each for each in desk.day().findings if each.key.list == "pack"]
    assert desk.act(found.key, "decline", ()).ok
    assert [each for each in desk.day().findings if each.key.list == "pack"] == []
    assert shelf.rules_in_force(bench).battery[0].at_least == 80  # what was accepted holds


def test_the_review_tells_of_withdrawn_rules_until_it_was_read(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    bench = joined(tmp_path, "bench", shop)
    desk = ReviewDesk(bench, tmp_path / "out")
    assert desk.enter("ENC", CODE).ok
    for at_least in (b"80", b"75"):
        publish(region, OURS.replace(b"at_least = 85", b"at_least = " + at_least))
        give(region, tmp_path, bench)
        shelf.answer(bench, shelf.pack_named(bench, "notes"), True)
    publish(region, pack="autres")  # nobody here took them
    for name in ("notes", "autres"):
        shelf.withdraw(region, name, reason="seuil trop bas")
    give(region, tmp_path, bench)
    (found,) = [each for each in desk.day().findings if each.key.list.startswith("pack")]
    assert found.key.list == "pack_gone" and found.subject == "notes 2" and not found.blocks
    assert "retirées par le réseau (seuil trop bas)" in found.said
    assert [each.key for each in found.actions] == ["decline"]
    assert desk.act(found.key, "decline", ()).ok
    assert [each for each in desk.day().findings if each.key.list.startswith("pack")] == []
    assert shelf.gone(bench) == [] and shelf.rules_in_force(bench) is standard_rules()


def test_what_is_no_pack_of_rules_is_not_asked_for(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    shelf.publish(region, pack="fiche", kind="sheet", title="Fiche", content=b"Bonjour\n")
    give(region, tmp_path, shop)
    with pytest.raises(RecordsError, match="pack_no_rules"):
        shelf.answer(shop, shelf.pack_named(shop, "fiche"), True)


def test_rules_that_ask_less_never_grade_even_accepted(
    tmp_path: Path, region: log.Log, shop: log.Log
) -> None:
    """Signed by hand with the coordination's key: refused where it would be used."""
    from bench.records import attachments

    loose = OURS.replace(b'watch_cap = "B"', b'watch_cap = "A"')
    with pytest.raises(RecordsError, match="pack_rules_loose"):
        publish(region, loose)
    said = {"pack": "notes", "version": 1, "kind": "grading", "title": "F", "form": "toml"}
    digest = attachments.attach(region.store, loose)
    region.append("pack.published", said | {"file": digest, "size_bytes": len(loose)})
    give(region, tmp_path, shop)
    pack = shelf.pack_named(shop, "notes")
    with pytest.raises(RecordsError, match="pack_rules_loose"):
        shelf.answer(shop, pack, True)
    shop.append("pack.answered", {"pack": "notes", "publication": pack.event, "answer": "accepted"})
    assert shelf.rules_in_force(shop) is standard_rules()


@pytest.mark.parametrize("seed", range(6))
def test_order_and_repetition_change_nothing(tmp_path: Path, seed: int) -> None:
    """With a region registered, before or after: packs are one set everywhere."""
    made = scenario.Scenario(seed, benches=4, steps=0)
    for number in range(40):
        at = number % 4
        made.events[at].append(made._pack(made.benches[at], ""))
    draw = random.Random(seed)
    stores = []
    for name in ("one", "other"):
        store = Store.open(tmp_path / f"{name}.db")
        if name == "one":
            _register(store)
        for event in draw.sample(made.all, len(made.all)):
            store.add([event])
        store.add(draw.sample(made.all, 9))
        if name == "other":
            _register(store)
        stores.append(store)
    one, other = stores
    for table in ("pack", "pack_answer"):
        assert one.query(f"SELECT * FROM {table}") == other.query(f"SELECT * FROM {table}") != []
    assert one.state_hash() == other.state_hash()
    other.rebuild()
    assert one.state_hash() == other.state_hash()


def _register(store: Store) -> None:
    """The first bench of the scenario coordinates; the others' workshops are members."""
    for at, workshop in enumerate(scenario.WORKSHOPS):
        forge.register(store, workshop, region=at == 0)


def test_a_closed_lock_and_an_unproven_erasure_stay_d_by_any_accepted_rules() -> None:
    from bench.packs import rules

    found = rules.read(MILDER)
    assert grade(GradeFacts(locks={"absolute": "locked"}), found).letter == "D"
    assert grade(GradeFacts(), found).letter == "D"
