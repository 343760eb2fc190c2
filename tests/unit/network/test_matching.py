"""Proposals: what fits, what it costs, and that the whole is never worse than one by one."""

from __future__ import annotations

import datetime
import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.network.matching import (
    UNSERVED_KM,
    Costs,
    Offer,
    Proposal,
    Reason,
    Wish,
    class_of,
    fits,
    want_of,
)
from bench.network.places import distance_km, find, places
from bench.network.solver import propose
from tests.unit.network.peer import cost_of, greedy

TODAY = datetime.date(2026, 11, 30)
TOWNS = ["Lille", "Amiens", "Calais", "Laon", "Nulle-Part"]


def wish(name: str = "r1", **more: Any) -> Wish:
    told: dict[str, Any] = {
        "kind": "laptop",
        "minimum_grade": "C",
        "ram_mib": 4096,
        "quantity": 1,
        "commune": "Lille",
        "day": "2026-11-20",
    }
    return Wish(name, **(told | more))


def offer(name: str = "d1", **more: Any) -> Offer:
    told: dict[str, Any] = {
        "kind": "laptop",
        "grade": "B",
        "ram_mib": 8192,
        "holder": "w1",
        "commune": "Lille",
    }
    return Offer(name, **(told | more))


@pytest.mark.parametrize(
    "wanted, given_, right",
    [
        ({}, {}, True),
        ({}, {"kind": "desktop"}, False),
        ({"kind": ""}, {"kind": "desktop"}, True),
        ({}, {"grade": "C"}, True),
        ({}, {"grade": "D"}, False),
        ({}, {"grade": ""}, False),
        ({"minimum_grade": ""}, {"grade": "D"}, True),
        ({"minimum_grade": ""}, {"grade": "HS"}, False),
        ({"minimum_grade": "Z"}, {"grade": "A"}, False),
        ({}, {"ram_mib": 4095}, False),
        ({}, {"ram_mib": None}, False),
        ({"ram_mib": 0}, {"ram_mib": None}, True),
    ],
)
def test_what_was_not_read_or_graded_answers_no_request(
    wanted: dict[str, Any], given_: dict[str, Any], right: bool
) -> None:
    assert fits(want_of(wish(**wanted)), class_of(offer(**given_))) is right
    assert len(propose([wish(**wanted)], [offer(**given_)], TODAY)) == right


def test_a_proposal_says_why() -> None:
    asked = wish(commune="Amiens", minimum_grade="D", deadline="2026-12-05")
    (made,) = propose([asked], [offer()], TODAY, {"w1": 0.25})
    way = distance_km(find("Amiens"), find("Lille"))  # type: ignore[arg-type]
    assert 90 < way < 105
    assert made.reasons == (
        Reason("distance", round(way)),
        Reason("better_grade", 2),
        Reason("more_memory", 4096),
        Reason("waited", 10),
        Reason("urgent", 5),
        Reason("share", 25),
    )
    assert made.cost_km == pytest.approx(way + 30 + 10 + 7.5 - 5 - 40, abs=0.1)


def test_a_deadline_that_passed_is_said() -> None:
    (made,) = propose([wish(deadline="2026-11-28")], [offer()], TODAY)
    assert Reason("late", 2) in made.reasons


def test_the_nearest_machine_goes_to_who_can_use_no_other() -> None:
    """One by one, the first request takes the only machine the second could have."""
    wishes = [wish("r1", minimum_grade="D", day="2026-01-01"), wish("r2", minimum_grade="A")]
    offers = [offer("d1", grade="A"), offer("d2", grade="D", commune="Calais")]
    made = {(each.request, each.device) for each in propose(wishes, offers, TODAY)}
    assert made == {("r1", "d2"), ("r2", "d1")}


def test_who_waited_longest_is_served_where_there_is_not_enough() -> None:
    wishes = [wish("r1", day="2026-11-29"), wish("r2", day="2026-06-01", quantity=2)]
    made = propose(wishes, [offer("d1"), offer("d2")], TODAY)
    assert [each.request for each in made] == ["r2", "r2"]


def test_a_member_that_gave_much_is_asked_last() -> None:
    offers = [offer("d1", holder="w1"), offer("d2", holder="w2")]
    (made,) = propose([wish()], offers, TODAY, {"w1": 0.9, "w2": 0.1})
    assert made.device == "d2"


def test_nothing_asked_and_nothing_free() -> None:
    assert propose([], [offer()], TODAY) == []
    assert propose([wish()], [], TODAY) == []
    assert propose([wish(quantity=0)], [offer()], TODAY) == []


wishes_drawn = st.lists(
    st.builds(
        Wish,
        request=st.just(""),
        kind=st.sampled_from(["", "laptop", "desktop"]),
        minimum_grade=st.sampled_from(["", "A", "B", "C"]),
        ram_mib=st.sampled_from([0, 4096, 16384]),
        quantity=st.integers(0, 3),
        commune=st.sampled_from(TOWNS),
        day=st.sampled_from(["2026-11-29", "2026-03-01", "", "hier"]),
        deadline=st.sampled_from(["", "2026-12-01", "2027-06-01", "bientôt"]),
    ),
    max_size=6,
)
offers_drawn = st.lists(
    st.builds(
        Offer,
        device=st.just(""),
        kind=st.sampled_from(["laptop", "desktop", ""]),
        grade=st.sampled_from(["A", "B", "D", ""]),
        ram_mib=st.sampled_from([None, 2048, 8192, 32768]),
        holder=st.sampled_from(["w1", "w2"]),
        commune=st.sampled_from(TOWNS),
    ),
    max_size=8,
)


def named(wishes: list[Wish], offers: list[Offer]) -> tuple[list[Wish], list[Offer]]:
    from msgspec.structs import replace

    return (
        [replace(each, request=f"r{at}") for at, each in enumerate(wishes)],
        [replace(each, device=f"d{at}") for at, each in enumerate(offers)],
    )


def sound(wishes: list[Wish], offers: list[Offer], made: list[Proposal]) -> None:
    """No machine twice, no request given more than it asked for, nothing that does not fit."""
    wanted = {each.request: each for each in wishes}
    free = {each.device: each for each in offers}
    assert len({each.device for each in made}) == len(made)
    for request, one in wanted.items():
        assert sum(each.request == request for each in made) <= one.quantity
    assert all(fits(want_of(wanted[e.request]), class_of(free[e.device])) for e in made)


@settings(max_examples=150, deadline=None)
@given(wishes_drawn, offers_drawn)
def test_the_whole_is_never_worse_than_one_by_one(wishes: list[Wish], offers: list[Offer]) -> None:
    wishes, offers = named(wishes, offers)
    shares = {"w1": 0.7, "w2": 0.3}
    costs = Costs({name: find(name) for name in TOWNS}, shares, TODAY)
    made = propose(wishes, offers, TODAY, shares)
    sound(wishes, offers, made)
    one_by_one = greedy(wishes, offers, costs)
    sound(wishes, offers, one_by_one)
    assert cost_of(wishes, made) <= cost_of(wishes, one_by_one) + 0.1 * (1 + len(made))
    assert propose(wishes, offers, TODAY, shares) == made


def every_way(wishes: list[Wish], offers: list[Offer], costs: Costs) -> float:
    """The least cost by trying all: each unit takes a machine or none."""
    units = [each for each in wishes for _ in range(each.quantity)]
    best = UNSERVED_KM * len(units)
    for chosen in itertools.product([None, *offers], repeat=len(units)):
        taken = [each.device for each in chosen if each]
        pairs = [(w, o) for w, o in zip(units, chosen, strict=True) if o]
        if len(set(taken)) < len(taken):
            continue
        if all(fits(want_of(w), class_of(o)) for w, o in pairs):
            cost = sum(
                costs.pairing_km(want_of(w), class_of(o)) - costs.gained_km(w) for w, o in pairs
            )
            best = min(best, cost + UNSERVED_KM * (len(units) - len(pairs)))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_least_there_is(seed: int) -> None:
    draw = random.Random(seed)
    wishes = [
        wish(
            f"r{at}",
            minimum_grade=draw.choice(["A", "B", "D"]),
            ram_mib=draw.choice([0, 8192]),
            commune=draw.choice(TOWNS),
            quantity=draw.randint(1, 2),
        )
        for at in range(2)
    ]
    offers = [
        offer(f"d{at}", grade=draw.choice("ABD"), commune=draw.choice(TOWNS)) for at in range(4)
    ]
    costs = Costs({name: find(name) for name in TOWNS}, {}, TODAY)
    made = propose(wishes, offers, TODAY)
    assert cost_of(wishes, made) == pytest.approx(every_way(wishes, offers, costs), abs=0.5)


def test_communes_are_found_however_they_are_written() -> None:
    for name in ("saint omer", "SAINT-OMER", "St-Omer", " Saint  Omer "):
        assert find(name) == places()["saint omer"]
    assert find("Béthune") == find("bethune")
    assert find("Marcq en Baroeul") == find("Marcq-en-Barœul") is not None
    assert find("") is None
    for place in places().values():  # all of them in and around the region
        assert 49.0 < place.north < 51.1 and 1.5 < place.east < 4.3
