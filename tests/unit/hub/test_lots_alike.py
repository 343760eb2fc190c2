"""Two workshops give one name to a lot each, as every first bench does: nothing of them mixes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.casefile.reading import files_of_lot, lot_of
from bench.exchange.bag import export_bag
from bench.exchange.formats.source import items
from bench.hub import papers
from bench.hub.accounts.roles import Role
from bench.network import figures, lots, stock
from bench.records.errors import RecordsError
from bench.records.log import trust
from bench.records.lots import LotName, lot_named
from bench.records.signed import keys
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.test_donors import REGION, link_in, send
from tests.unit.hub.world import NORTH, SOUTH, World, browser

LOT = "L26-1-001"
MACHINES = {NORTH: 2, SOUTH: 3}


@pytest.fixture
def alike(tmp_path: Path) -> Iterator[World]:
    """Both members' lots are named `L26-1-001`; the north's has ended, the south's is promised."""
    world = made.make(tmp_path / "data")
    (tmp_path / "data" / "settings.toml").write_text('workshop = "Région"\n', "utf-8")
    log = world.site.open_log()
    trust(log.store, REGION.public, name="Région", at="", how="own", region=True)
    told = keys.certify(REGION, log.key.public, name="r", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    for at, mark in enumerate((NORTH, SOUTH)):
        bench = forge.Bench(f"lots {mark}", world.workshops[mark])
        donor = {"donor": f"donor-{made.MARKS[mark]}", "kind": ("public", "company")[at]}
        events = [*bench.opened(), bench.make("donor.registered", donor)]
        promised = {"donor": donor["donor"], "count": 10 * (at + 1)}
        events.append(bench.make("lot.promised", promised, lot=LOT))
        for number in range(MACHINES[mark]):
            events += bench.visit(50 * (at + 1) + number, tests=1, lot=LOT)
        if mark == NORTH:
            events.append(bench.make("lot.weighed", {"weight_g": 7_000}, lot=LOT))
            events.append(bench.make("lot.received", {"count": 2}, lot=LOT))
            events.append(bench.make("lot.closed", {"count": 2}, lot=LOT))
        log.store.add(events)
    log.store.close()
    yield world


def name(world: World, mark: str) -> LotName:
    return LotName(world.workshops[mark].id, LOT)


def test_each_has_its_own_donor_weight_state_and_machines(alike: World) -> None:
    log = alike.site.open_log()
    rows = {line.workshop: line for line in lots.lots(log) if line.lot == LOT}
    north, south = (rows[alike.workshops[mark].id] for mark in (NORTH, SOUTH))
    assert (north.donor, north.state, north.weight_g) == ("donor-NORD", "closed", 7_000)
    assert (south.donor, south.state, south.weight_g) == ("donor-SUD", "promised", 0)
    assert (north.promised, south.promised) == (10, 20)
    for mark, count in MACHINES.items():
        of = name(alike, mark)
        (line,) = [each for each in lots.lots(log) if each.of == of]
        assert line.machines == count == len(lots.machines(log, of))
        assert count == len(list(files_of_lot(log, of))) == len(list(items(log.store, lot=of)))
        known = lot_of(log, of)
        assert known is not None and known.donor == f"donor-{made.MARKS[mark]}"
    assert log.store.query("SELECT count(*) FROM to_arbitrate WHERE subject LIKE 'lot:%'") == [(0,)]
    log.store.close()


def test_a_name_alone_is_asked_about_where_it_says_too_little(alike: World) -> None:
    log = alike.site.open_log()
    with pytest.raises(RecordsError) as refused:
        lot_named(log.store, LOT)
    assert refused.value.code == "lot_several"
    for mark in MACHINES:
        of = name(alike, mark)
        assert of.address in str(refused.value.values["lots"])
        assert lot_named(log.store, of.address) == lot_named(log.store, LOT, of.workshop) == of
    for wrong in ("", "@", f"{LOT}@", f"{LOT}@zz", f"@{name(alike, NORTH).workshop}", "L%"):
        with pytest.raises(RecordsError) as unknown:
            lot_named(log.store, wrong)
        assert unknown.value.code == "lot_unknown"
    log.store.close()


def test_a_lot_named_as_anothers_address_takes_nothing(alike: World) -> None:
    log = alike.site.open_log()
    north = name(alike, NORTH)
    thief = forge.Bench("thief", alike.workshops[SOUTH])
    log.store.add([*thief.opened(), thief.make("lot.weighed", {"weight_g": 1}, lot=north.address)])
    assert lot_named(log.store, north.address) == north
    theirs = LotName(alike.workshops[SOUTH].id, north.address)
    assert lot_named(log.store, theirs.address) == theirs
    log.store.close()


def test_a_number_that_two_machines_bear_opens_no_sheet(alike: World) -> None:
    """A thief's machine with the number of a true one would speak for it, photos included."""
    log = alike.site.open_log()
    ((device, asset),) = log.store.query(
        "SELECT device, asset FROM machine WHERE lot = ? AND lot_of = ? ORDER BY device LIMIT 1",
        name(alike, NORTH)[::-1],
    )
    assert stock.line_of(log, asset) is not None
    thief = forge.Bench("thief", alike.workshops[SOUTH])
    told = {"asset": asset, "kind": "laptop"}
    log.store.add([*thief.opened(), thief.make("machine.arrived", told, device=thief.device())])
    assert stock.line_of(log, asset) is None
    line = stock.line_of(log, device)
    assert line is not None and line.device == device
    log.store.close()


def test_a_bag_of_a_lot_has_nothing_of_the_other(alike: World, tmp_path: Path) -> None:
    log = alike.site.open_log()
    out = tmp_path / "lot.zip"
    export_bag(log, out, lot=name(alike, NORTH).address)
    log.store.close()
    with zipfile.ZipFile(out) as archive:
        whole = b"".join(archive.read(each) for each in archive.namelist())
    assert b"donor-NORD" in whole and b"SN0000050" in whole
    assert b"donor-SUD" not in whole and b"SN0000100" not in whole


def test_pages_links_and_papers_are_of_one_of_them(alike: World) -> None:
    north, south = name(alike, NORTH), name(alike, SOUTH)
    with made.serving_pages(alike.site) as url:
        with browser(url, alike.secret(Role.COORDINATION)) as client:
            for of, serial, other in (
                (north, "SN0000050", "SN0000100"),
                (south, "SN0000100", "SN0000050"),
            ):
                page = client.get(f"/lots/{of.address}").text
                assert serial in page and other not in page
            assert client.get(f"/lots/{LOT}").status_code == 404  # which?
        with browser(url, alike.secret(Role.SUPERVISOR)) as client:
            assert "SN0000050" in client.get(f"/lots/{LOT}").text  # the own one
            assert client.get(f"/lots/{south.address}").status_code == 404
        link = link_in(send(alike, url, Role.COORDINATION, f"/lots/{north.address}/lien"))
        with browser(url) as nobody:
            page = nobody.get(link).text
        assert "SN0000050" in page and "SN0000100" not in page
        for of in (north, south):  # neither takes the other's file
            path = f"/lots/{of.address}/papier"
            answer = send(alike, url, Role.COORDINATION, path, papier="attestation")
            assert answer.status_code == 303
        for of in (north, south):
            found = papers.papers(alike.site.accounts, of.address)
            assert len(found) == 2
            assert all(papers.bytes_of(alike.site.accounts, of.address, p.name) for p in found)


def test_a_year_counts_each_for_its_own(alike: World) -> None:
    log = alike.site.open_log()
    days = log.store.query("SELECT min(received_day), max(received_day) FROM lot WHERE state <> ''")
    assert days[0][1]
    rows = {
        mark: log.store.query(
            figures._QUERIES["weight_received_g"],
            ("0000", "9999", alike.workshops[mark].id),
        )
        for mark in MACHINES
    }
    assert [row[2] for row in rows[NORTH]] == [7_000] and rows[SOUTH] == []
    log.store.close()


@pytest.mark.parametrize("tick", [1, 10**6])
def test_who_knows_a_donors_reference_changes_nothing_of_anothers_lots(
    alike: World, tick: int
) -> None:
    """Said before or after, as a stolen key's clock can be set; a coordination's word counts."""
    log = alike.site.open_log()
    other = forge.Bench(f"lots again {SOUTH}", alike.workshops[SOUTH], clock=forge.Clock())
    events = other.opened()
    other.tick = tick
    told = {"donor": "donor-NORD", "kind": "person", "convention": "X"}
    log.store.add([*events, other.make("donor.registered", told)])

    def kind() -> str:
        known = lot_of(log, name(alike, NORTH))
        assert known is not None
        line = lots.lot_line(log, name(alike, NORTH).address)
        assert line is not None and line.kind == known.donor_kind
        return known.donor_kind

    assert kind() == "public"
    log.append("donor.registered", told | {"kind": "association"})
    assert kind() == "association"
    before = log.store.state_hash()
    log.store.rebuild()
    assert log.store.state_hash() == before
    log.store.close()


def test_a_member_who_receives_the_machine_puts_it_in_a_lot_of_its_own(alike: World) -> None:
    """And a coordination that corrects the name corrects it where the machine belongs."""
    log = alike.site.open_log()
    ((device,), *_) = log.store.query(
        "SELECT device FROM machine WHERE lot = ? AND lot_of = ? ORDER BY device",
        (LOT, alike.workshops[NORTH].id),
    )
    south = forge.Bench("south receives", alike.workshops[SOUTH])
    north = forge.Bench("north sends", alike.workshops[NORTH])
    sent = {"transfer": "t1", "to": alike.workshops[SOUTH].id, "devices": [device]}
    moved = {"field": "lot", "value": LOT, "reason": "reçu avec ce lot"}
    where = "SELECT lot, lot_of FROM machine WHERE device = ?"
    log.append("correction", moved | {"value": "L26-1-009"}, device=device)
    assert log.store.query(where, (device,)) == [("L26-1-009", alike.workshops[NORTH].id)]
    log.store.add([*north.opened(), north.make("transfer.sent", sent)])
    south.tick = 10**6
    told = [south.make("transfer.accepted", {"transfer": "t1", "devices": [device]})]
    before = log.store.query("SELECT lower(hex(hash)) FROM event WHERE type = 'correction'")
    settled = moved | {"replaces": [name for (name,) in before]}
    told.append(south.make("correction", settled, device=device))
    log.store.add([*south.opened(), *told])
    assert log.store.query(where, (device,)) == [(LOT, alike.workshops[SOUTH].id)]
    log.store.close()


def test_a_coordination_looks_at_its_members_lots_by_commands(
    alike: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has none of its own; one of several is named by its address, and acted on by its own."""
    folder = ["--data", str(alike.site.folder)]
    for words in (["lot", "list", "--all"], ["lot", "show", name(alike, NORTH).address]):
        assert main([*words, *folder]) == 0
        assert name(alike, NORTH).address in capsys.readouterr().out
    assert main(["lot", "show", LOT, *folder]) != 0
    assert name(alike, SOUTH).address in capsys.readouterr().err
    assert main(["lot", "receive", name(alike, SOUTH).address, "--count", "3", *folder]) != 0
    capsys.readouterr()
    for what in ("L99", "nothing"):
        assert main(["certificate", what, "--kind", "donor", *folder]) == 2
        assert f"aucun lot {what}" in capsys.readouterr().err
