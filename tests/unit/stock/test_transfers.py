"""Requests, reservations and transfers: what counts, for whom, and what is refused."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.errors.failure import Failure
from bench.network import members as network
from bench.network.proposals import proposals
from bench.records.errors import RecordsError
from bench.records.log import Log, open_bench, trust
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.stock import requests, transfers
from tests import forge

TODAY = datetime.date(2026, 1, 6)
LENS, LILLE, REGION = (keys.Key(bytes([at]) * 32) for at in (0x41, 0x42, 0x43))
ID = {name: keys.key_id(key.public) for name, key in (("lens", LENS), ("lille", LILLE))}


def machines(bench: forge.Bench, count: int) -> list[Signed]:
    """What a bench records of machines that are free at their end."""
    made: list[Signed] = []
    for number in range(1, count + 1):
        events = list(bench.visit(number + 10, tests=1))
        made += events
    return made


@pytest.fixture
def region(tmp_path: Path) -> Iterator[tuple[Log, dict[str, list[str]]]]:
    """A coordination that heard of two workshops with three free machines each."""
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("r"), name="R")
    for key, name in ((LENS, "Lens"), (LILLE, "Lille"), (REGION, "Région")):
        trust(log.store, key.public, name=name, at="", how="own", region=key is REGION)
    told = keys.certify(REGION, log.key.public, name="r", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    free = {}
    for name, key in (("lens", LENS), ("lille", LILLE)):
        bench = forge.Bench(name, key)
        opened, events = bench.opened(), machines(bench, 3)
        free[name] = list(dict.fromkeys(each.event.device for each in events))
        log.store.add(opened + events)
    yield log, free
    log.store.close()


def state(log: Log, device: str) -> tuple[object, ...]:
    sql = "SELECT state, holder, request, to_arbitrate FROM machine WHERE device = ?"
    return tuple(log.store.query(sql, (device,))[0])


def asked(log: Log, **more: Any) -> str:
    told: dict[str, Any] = {"kind": "laptop", "quantity": 2, "commune": "Lens"}
    who = requests.register_prescriber(log, "Mission locale")
    return requests.ask(log, who, **(told | more))


def test_a_request_from_its_making_to_its_machines(
    region: tuple[Log, dict[str, list[str]]],
) -> None:
    log, free = region
    request = asked(log)
    (line,) = requests.requests(log)
    assert (line.request, line.name, line.missing, line.day) == (
        request,
        "Mission locale",
        2,
        "2026-01-05",
    )
    transfers.reserve(log, request, free["lens"][:1])
    assert state(log, free["lens"][0]) == ("reserved", ID["lens"], request, 0)
    assert requests.must_know(log, request).missing == 1
    with pytest.raises(Failure) as refused:
        transfers.reserve(log, request, free["lens"][1:3])
    assert refused.value.code == "sharing.too_many"
    with pytest.raises(Failure) as refused:
        transfers.reserve(log, request, free["lens"][:1])
    assert refused.value.code == "sharing.not_free"
    requests.close(log, request, "withdrawn")
    assert state(log, free["lens"][0]) == ("finished", ID["lens"], "", 0)
    assert requests.requests(log) == []
    (ended,) = requests.requests(log, ended=True)
    assert (ended.outcome, ended.missing) == ("withdrawn", 0)
    with pytest.raises(Failure) as refused:
        requests.close(log, request, "served")
    assert refused.value.code == "sharing.request_closed"
    with pytest.raises(Failure) as refused:
        transfers.reserve(log, request, free["lens"])
    assert refused.value.code == "sharing.request_closed"


def test_what_is_promised_may_be_taken_back_with_a_reason(
    region: tuple[Log, dict[str, list[str]]],
) -> None:
    log, free = region
    device = free["lens"][0]
    transfers.reserve(log, asked(log), [device])
    with pytest.raises(Failure):
        transfers.release(log, device, reason=" ")
    transfers.release(log, device, reason="écran cassé")
    assert state(log, device)[0] == "finished"
    with pytest.raises(Failure) as refused:
        transfers.release(log, device, reason="encore")
    assert refused.value.code == "sharing.not_reserved"


def test_a_transfer_moves_a_machine_once_the_receiver_accepts(
    region: tuple[Log, dict[str, list[str]]],
) -> None:
    log, free = region
    device = free["lens"][0]
    request = asked(log)
    transfers.reserve(log, request, [device])
    transfer = transfers.send(log, ID["lille"], [device])
    assert state(log, device)[:2] == ("in_transit", ID["lens"])
    with pytest.raises(Failure) as refused:
        transfers.accept(log, transfer, workshop=ID["lens"])
    assert refused.value.code == "sharing.not_receiver"
    assert transfers.accept(log, transfer, workshop=ID["lille"]) == 1
    assert state(log, device) == ("reserved", ID["lille"], request, 0)
    (line,) = transfers.transfers(log, workshop=ID["lens"])
    assert (line.sender, line.receiver, line.state) == (ID["lens"], ID["lille"], "accepted")
    with pytest.raises(Failure) as refused:
        transfers.accept(log, transfer, workshop=ID["lille"])
    assert refused.value.code == "sharing.accepted"


@pytest.mark.parametrize("act", ["reserve", "release", "send"])
def test_a_supervisor_decides_over_the_own_workshops_machines_alone(
    region: tuple[Log, dict[str, list[str]]], act: str
) -> None:
    log, free = region
    device, request = free["lens"][0], asked(log)
    if act == "release":
        transfers.reserve(log, request, [device])
    before = log.store.state_hash()
    with pytest.raises(Failure) as refused:
        if act == "reserve":
            transfers.reserve(log, request, [device], workshop=ID["lille"])
        elif act == "release":
            transfers.release(log, device, reason="x", workshop=ID["lille"])
        else:
            transfers.send(log, ID["lille"], [device], workshop=ID["lille"])
    assert refused.value.code == "sharing.not_yours"
    assert log.store.state_hash() == before


@pytest.mark.parametrize(
    "wrong, code",
    [
        ({"kind": "toaster"}, "request_kind"),
        ({"minimum_grade": "Z"}, "request_grade"),
        ({"quantity": 0}, "request_quantity"),
        ({"quantity": 501}, "request_quantity"),
        ({"ram_mib": -1}, "request_memory"),
        ({"deadline": "demain"}, "request_day"),
        ({"deadline": "2026-02-30"}, "request_day"),
        ({"deadline": "20260203"}, "request_day"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    region: tuple[Log, dict[str, list[str]]], wrong: dict[str, Any], code: str
) -> None:
    log, _ = region
    before = log.store.count()
    with pytest.raises(Failure) as refused:
        asked(log, **wrong)
    assert refused.value.code == f"sharing.{code}"
    assert log.store.count() == before


def test_sending_is_refused_where_it_would_say_nothing(
    region: tuple[Log, dict[str, list[str]]],
) -> None:
    log, free = region
    tries = {
        "nothing_chosen": (ID["lille"], []),
        "member_unknown": ("f" * 32, free["lens"][:1]),
        "same_member": (ID["lens"], free["lens"][:1]),
        "not_here": (ID["lille"], ["nobody"]),
        "two_holders": (keys.key_id(REGION.public), [free["lens"][0], free["lille"][0]]),
    }
    for code, (to, devices) in tries.items():
        with pytest.raises(Failure) as refused:
            transfers.send(log, to, devices)
        assert refused.value.code == f"sharing.{code}"


def test_a_bench_that_does_not_coordinate_accepts_for_nobody_else(tmp_path: Path) -> None:
    """What it signs would move nothing; the fold does not count it either."""
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("a"), name="A")
    trust(log.store, LENS.public, name="Lens", at="", how="fingerprint")
    own = log.store.known().workshop(log.key.id)
    bench = forge.Bench("lens", LENS)
    events = bench.opened() + list(bench.visit(1, tests=1))
    device = events[2].event.device
    sent = {"transfer": "t1", "to": ID["lille"], "devices": [device]}
    log.store.add([*events, bench.make("transfer.sent", sent)])
    with pytest.raises(Failure) as refused:
        transfers.accept(log, "t1", workshop=ID["lille"])
    assert refused.value.code == "sharing.not_receiver"
    with pytest.raises((Failure, RecordsError)):
        transfers.accept(log, "t1")
    log.append(
        "transfer.accepted", {"transfer": "t1", "devices": [device], "receiver": ID["lille"]}
    )
    assert own != ID["lille"]
    assert state(log, device)[1] == ID["lens"]
    assert transfers.transfers(log)[0].state == "in_transit"


def test_proposals_come_from_the_record(region: tuple[Log, dict[str, list[str]]]) -> None:
    log, free = region
    network.set_commune(log, ID["lens"], "  Lens ")
    network.set_commune(log, ID["lille"], "Lille")
    assert network.communes(log) == {ID["lens"]: "Lens", ID["lille"]: "Lille"}
    request = asked(log, quantity=4, ram_mib=8192, minimum_grade="D")
    made = proposals(log, TODAY)
    assert {each.request for each in made} == {request}
    assert {each.device for each in made} > set(free["lens"])
    assert len(made) == 4
    held = {line.name: (line.commune, line.held, line.free) for line in network.member_lines(log)}
    assert held["Lens"] == ("Lens", 3, 3)
    assert held["Région"] == ("", 0, 0)
    with pytest.raises(Failure):
        network.set_commune(log, "nobody", "Lens")


@pytest.mark.parametrize("first", [False, True], ids=["after", "before"])
def test_who_did_not_make_a_request_neither_changes_nor_closes_it(
    region: tuple[Log, dict[str, list[str]]], first: bool
) -> None:
    """A member's stolen stick knows its reference; what it says of it, at whatever tick, is kept
    and counts for nothing. The coordination that made it closes it."""
    log, _ = region
    request = asked(log, quantity=2)
    thief = forge.Bench("thief", LENS)
    thief.tick = 0 if first else 10**6
    more = {"request": request, "kind": "laptop", "quantity": 500, "commune": "Ailleurs"}
    closed = {"request": request, "outcome": "refused"}
    log.store.add(
        [*thief.opened(), thief.make("request.made", more), thief.make("request.closed", closed)]
    )
    line = requests.must_know(log, request)
    assert (line.quantity, line.commune, line.outcome) == (2, "Lens", "")
    requests.close(log, request, "withdrawn")
    assert requests.must_know(log, request).outcome == "withdrawn"


def test_a_mistaken_transfer_is_taken_back_before_it_comes(
    region: tuple[Log, dict[str, list[str]]],
) -> None:
    log, free = region
    device, second = free["lens"][:2]
    transfer = transfers.send(log, ID["lille"], [device, second], workshop=ID["lens"])
    with pytest.raises(Failure) as refused:
        transfers.withdraw(log, transfer, reason=" ", workshop=ID["lens"])
    assert refused.value.code == "records.errors.reason_missing"
    with pytest.raises(Failure) as refused:
        transfers.withdraw(log, transfer, reason="x", workshop="f" * 32)
    assert refused.value.code == "sharing.not_between"
    assert transfers.withdraw(log, transfer, reason="erreur", workshop=ID["lens"]) == 2
    assert state(log, device) == ("finished", ID["lens"], "", 0)
    (line,) = transfers.transfers(log)
    assert (line.state, line.withdrawn_day, line.accepted_day) == ("withdrawn", "2026-01-05", "")
    with pytest.raises(Failure) as refused:
        transfers.withdraw(log, transfer, reason="x", workshop=ID["lens"])
    assert refused.value.code == "sharing.withdrawn"
    with pytest.raises(Failure) as refused:
        transfers.accept(log, transfer, workshop=ID["lille"])
    assert refused.value.code == "sharing.withdrawn"
    again = transfers.send(log, ID["lille"], [device], workshop=ID["lens"])
    assert transfers.accept(log, again, workshop=ID["lille"]) == 1
    assert state(log, device) == ("finished", ID["lille"], "", 0)
    with pytest.raises(Failure) as refused:
        transfers.withdraw(log, again, reason="x", workshop=ID["lens"])
    assert refused.value.code == "sharing.accepted"


@pytest.mark.parametrize("who, over", [("lens", True), ("lille", True), ("thief", False)])
def test_only_the_two_take_a_transfer_back(
    region: tuple[Log, dict[str, list[str]]], who: str, over: bool
) -> None:
    """A third one's word, as by a stolen stick's key, neither stops a transfer nor hides it."""
    log, free = region
    device = free["lens"][0]
    transfer = transfers.send(log, ID["lille"], [device], workshop=ID["lens"])
    third = keys.Key(b"\x44" * 32)
    trust(log.store, third.public, name="Troisième", at="", how="own")
    bench = forge.Bench(f"{who} again", {"lens": LENS, "lille": LILLE, "thief": third}[who])
    bench.tick = 10**6
    told = {"transfer": transfer, "devices": [device], "member": ID["lens"]}
    log.store.add([*bench.opened(), bench.make("transfer.withdrawn", told, device=device)])
    assert state(log, device)[0] == ("finished" if over else "in_transit")
    (line,) = transfers.transfers(log)
    assert (line.state == "withdrawn", bool(line.withdrawn_day)) == (over, over)


def test_a_machine_that_came_though_it_was_called_back_is_shown(
    region: tuple[Log, dict[str, list[str]]],
) -> None:
    """Both halves were written apart: what came first counts, the other is to be arbitrated; and
    the words of who never had the machine count for nothing."""
    log, free = region
    device = free["lens"][0]
    transfer = transfers.send(log, ID["lille"], [device], workshop=ID["lens"])
    transfers.withdraw(log, transfer, reason="erreur", workshop=ID["lens"])
    late = forge.Bench("lille late", LILLE)
    late.tick = 10**6
    told: list[Signed] = late.opened()
    word = {"field": "model", "value": "faux", "reason": "x"}
    told.append(late.make("correction", word, device=device))
    log.store.add(told)
    assert state(log, device) == ("finished", ID["lens"], "", 1)  # a stranger's word
    taken = {"transfer": transfer, "devices": [device]}
    log.store.add([late.make("transfer.accepted", taken, device=device)])
    assert state(log, device) == ("finished", ID["lens"], "", 2)
    before = log.store.state_hash()
    log.store.rebuild()
    assert log.store.state_hash() == before
