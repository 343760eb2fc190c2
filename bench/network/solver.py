"""The cheapest proposal as a whole: a flow of least cost, by HiGHS (the extra `hub`).

Machines that no request can tell apart are one node with their number as its supply, requests
alike one node too. Between them stands a node for each kind of request at each member: the way
costs the same whatever the machine, and the machine the same whatever the way. So the problem
grows with what differs, not with the stock. All numbers are whole, so the best flow is whole as
well (the matrix of a network is totally unimodular).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bench.network.matching import (
    UNSERVED_KM,
    Class,
    Costs,
    Offer,
    Proposal,
    Want,
    Wish,
    class_of,
    fits,
    want_of,
)
from bench.network.places import find

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy


class _Depot(NamedTuple):
    """Machines of one member that answer one kind of request, wherever it comes from."""

    profile: Want  # without a commune
    holder: str
    commune: str


class _Arc(NamedTuple):
    start: Hashable | None  # a class or depot; `None`: from outside
    end: Hashable | None  # a depot or want; `None`: to outside
    cost: float
    most: int


def propose(
    wishes: Sequence[Wish],
    offers: Sequence[Offer],
    today: datetime.date,
    shares: Mapping[str, float] | None = None,
) -> list[Proposal]:
    """Machines for requests so that the whole costs least, the same for the same input: what each
    pairing costs, and `UNSERVED_KM` for each unit left.

    Raises `ArithmeticError` where the solver finds no end, which it should not.
    """
    communes = {wish.commune for wish in wishes} | {offer.commune for offer in offers}
    costs = Costs({name: find(name) for name in communes}, shares or {}, today)
    supply: dict[Class, list[Offer]] = {}
    for offer in sorted(offers, key=lambda offer: offer.device, reverse=True):
        supply.setdefault(class_of(offer), []).append(offer)
    asking: dict[Want, list[Wish]] = {}
    for wish in sorted(wishes, key=lambda wish: (-costs.gained_km(wish), wish.request)):
        if wish.quantity > 0:
            asking.setdefault(want_of(wish), []).append(wish)
    arcs = _arcs(asking, supply, costs)
    flows = list(zip(arcs, _flow(arcs, supply), strict=True)) if arcs else []
    return _proposals(flows, asking, supply, costs)


def _arcs(
    asking: dict[Want, list[Wish]], supply: dict[Class, list[Offer]], costs: Costs
) -> list[_Arc]:
    """From classes to depots, from depots to wants, from wants to each wish."""
    communes: dict[Want, list[Want]] = {}
    for want in asking:
        communes.setdefault(want._replace(commune=""), []).append(want)
    arcs: list[_Arc] = []
    depots: dict[_Depot, None] = {}
    for profile in communes:
        for offered, machines in supply.items():
            if fits(profile, offered):
                depot = _Depot(profile, offered.holder, offered.commune)
                depots[depot] = None
                arcs.append(_Arc(offered, depot, costs.gift_km(profile, offered), len(machines)))
    for depot in depots:
        for want in communes[depot.profile]:
            most = sum(wish.quantity for wish in asking[want])
            arcs.append(_Arc(depot, want, costs.way_km(want.commune, depot.commune), most))
    if arcs:
        for want, wishes in asking.items():
            for wish in wishes:
                gain = -UNSERVED_KM - costs.gained_km(wish)
                arcs.append(_Arc(want, None, gain, wish.quantity))
    return arcs


def _proposals(
    flows: list[tuple[_Arc, int]],
    asking: dict[Want, list[Wish]],
    supply: dict[Class, list[Offer]],
    costs: Costs,
) -> list[Proposal]:
    """The machines taken along the flow; requests alike are served as their gain orders them."""
    stored: dict[_Depot, list[Offer]] = {}
    made = []
    for arc, count in flows:
        for _ in range(count):
            if isinstance(arc.start, Class) and isinstance(arc.end, _Depot):
                stored.setdefault(arc.end, []).append(supply[arc.start].pop())
            elif isinstance(arc.start, _Depot) and isinstance(arc.end, Want):
                made.append((arc.end, stored[arc.start].pop()))
    units = {
        want: [w for w in wishes for _ in range(w.quantity)] for want, wishes in asking.items()
    }
    for wishes in units.values():
        wishes.reverse()
    return [costs.proposal(units[want].pop(), offer) for want, offer in made]


def _flow(arcs: list[_Arc], supply: dict[Class, list[Offer]]) -> list[int]:
    """How many machines go along each arc. A row for each node: out of a class at most its
    supply, out of any other as much as came in."""
    rows: dict[Hashable, int] = {}
    starts: list[int] = []
    entries: list[int] = []
    values: list[float] = []
    for arc in arcs:
        starts.append(len(entries))
        for node, value in ((arc.start, 1.0), (arc.end, -1.0)):
            if node is not None:
                entries.append(rows.setdefault(node, len(rows)))
                values.append(value)
    upper = [float(len(supply[n])) if isinstance(n, Class) else 0.0 for n in rows]
    solved = _solve(arcs, [*starts, len(entries)], entries, values, upper)
    return [int(count + 0.5) for count in solved.tolist()]


def _solve(
    arcs: list[_Arc], starts: list[int], rows: list[int], values: list[float], upper: list[float]
) -> numpy.typing.NDArray[numpy.float64]:
    import highspy
    import numpy

    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(arcs), len(upper)
    model.col_cost_ = numpy.array([arc.cost for arc in arcs])
    model.col_lower_ = numpy.zeros(len(arcs))
    model.col_upper_ = numpy.array([float(arc.most) for arc in arcs])
    model.row_lower_, model.row_upper_ = numpy.zeros(len(upper)), numpy.array(upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = numpy.array(starts)
    model.a_matrix_.index_ = numpy.array(rows)
    model.a_matrix_.value_ = numpy.array(values)

    class Silent(highspy.Highs):
        """Whose first act would print its name on the output that commands write JSON to."""

        def enableCallbacks(self) -> None:
            self.silent()
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    highs = Silent()  # type: ignore[no-untyped-call]
    for name, value in (("threads", 1), ("random_seed", 1)):
        highs.setOptionValue(name, value)
    highs.passModel(model)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError(str(highs.getModelStatus()))
    return numpy.asarray(highs.getSolution().col_value)
