"""What the solver is held against: one request after the other, and the cost of a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.network.matching import (
    UNSERVED_KM,
    Class,
    Costs,
    Offer,
    Proposal,
    Wish,
    class_of,
    fits,
    want_of,
)


def cost_of(wishes: Sequence[Wish], proposals: Iterable[Proposal]) -> float:
    """What a whole proposal costs, with what it leaves unserved: what the solver makes small."""
    served = list(proposals)
    wanted = sum(wish.quantity for wish in wishes)
    return sum(each.cost_km for each in served) + UNSERVED_KM * (wanted - len(served))


def greedy(wishes: Sequence[Wish], offers: Sequence[Offer], costs: Costs) -> list[Proposal]:
    """The nearest machine for the request that has gained most, one after the other: what a
    person with a list would do, and what the solver is held against."""
    free: dict[Class, list[Offer]] = {}
    for offer in sorted(offers, key=lambda offer: offer.device, reverse=True):
        free.setdefault(class_of(offer), []).append(offer)
    made = []
    for wish in sorted(wishes, key=lambda wish: (-costs.gained_km(wish), wish.request)):
        for _ in range(wish.quantity):
            fitting = [c for c, left in free.items() if left and fits(want_of(wish), c)]
            if not fitting:
                break
            best = min(fitting, key=lambda c: (costs.pairing_km(want_of(wish), c), str(c)))
            made.append(costs.proposal(wish, free[best].pop()))
    return made
