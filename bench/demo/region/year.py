"""A made-up year of the network: lots and their machines, requests, transfers, days. As data.

Everything is drawn from one seed, so that two plantings for one day are the same bytes.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.demo.region import life, members
from bench.demo.region.chains import Act, Chain, Place, day_of, seconds
from bench.demo.region.life import DONE, Fate, Machine
from bench.demo.region.members import BLOCK, Member, network
from bench.documents.french_rules import french_rules, price_cap_cents
from bench.stock.requests import SERVED, WITHDRAWN
from labels.identifier import DEMO
from labels.identifier import make as asset_number

DAYS = 365
MACHINES = 2_000
SILENT_DAYS = 43  # the last member was not heard of for six weeks
SILENT = -1  # which one
REVOKED, REVOKED_DAYS = (0, 2), 70  # member and bench: the stick was lost so many days ago
_LOT_SIZES = (6, 30)
_STEPS = {"sorting": 5, "checks": 18, "erasure": 6, "repair": 8, "cleaning": 7, "labelling": 2}
_WASTE = {"weee": 9_000, "batteries": 900, "cables": 1_500, "cardboard": 3_000}
_PRICES = {"A": 60, "B": 45, "C": 30, "D": 15}  # per cent of the cap
# Fates of a lot received so many days ago or more, as shares.
_FATES: tuple[tuple[int, dict[Fate, int]], ...] = (
    (120, {Fate.HANDED: 70, Fate.STOCK: 8, Fate.PARTS: 10, Fate.WEEE: 12}),
    (
        30,
        {
            Fate.HANDED: 38,
            Fate.WORK: 4,
            Fate.STOCK: 24,
            Fate.RESERVED: 6,
            Fate.TRANSIT: 4,
            Fate.PARTS: 9,
            Fate.WEEE: 10,
            Fate.REPAIR: 5,
        },
    ),
    (12, {Fate.STOCK: 45, Fate.RESERVED: 10, Fate.HANDED: 12, Fate.WORK: 25, Fate.REPAIR: 8}),
    (0, {Fate.WORK: 50, Fate.ARRIVED: 35, Fate.STOCK: 15}),
)
_MOVED = 0.07  # of what is handed over or in stock was sent by another member before


@dataclass
class Donor:
    """A donor: `reference` is random and means nobody; the name is kept elsewhere."""

    reference: str
    kind: str
    name: str


@dataclass
class Request:
    """What a prescriber asks for; `outcome` "" while it is open."""

    reference: str
    prescriber: str
    day: datetime.date
    quantity: int
    outcome: str = ""
    left: int = 0


@dataclass
class Lot:
    """A donor's lot. `received`: the day it came, or would come."""

    name: str
    donor: Donor
    member: Member
    received: datetime.date
    state: str
    machines: list[Machine] = field(default_factory=list)


class Year:
    """The plan: acts to be signed, persons to be kept apart, and what the tables must say."""

    def __init__(self, today: datetime.date) -> None:
        self.today, self.first = today, today - datetime.timedelta(days=DAYS)
        self.dice = random.Random(f"demo {today.isoformat()}")
        self.region, self.members = members.region(), members.members()
        self.acts: list[Act] = []
        self.persons: list[tuple[str, str, dict[str, str]]] = []  # reference, role, fields
        self.donors = self._donors()
        self.requests = self._requests()
        self.machines: list[Machine] = []
        self.lots: list[Lot] = []
        self._used: Counter[str] = Counter()  # label numbers by bench and year
        years = tuple(range(self.first.year, today.year + 1))
        self.acts += members.openings(self.region, self.members, self.first, years)
        self._take_lots()
        self._end_requests()
        self._days()

    @property
    def states(self) -> Counter[str]:
        """How many machines of each state the tables must hold."""
        return Counter(life.STATE[machine.fate] for machine in self.machines)

    def reference(self) -> str:
        """As `Log.new_reference`: says nothing of whom it stands for."""
        return self.dice.randbytes(8).hex()

    # -- who ------------------------------------------------------------------------

    def _donors(self) -> list[Donor]:
        found = []
        at = seconds(self.first, 7, 30)
        for kind, crowd in network().donors.items():
            for number in range(1, crowd.count + 1):
                donor = Donor(self.reference(), kind, crowd.name.format(number=number))
                data = {"donor": donor.reference, "kind": kind}
                self.acts.append(Act(at, self.region.desk, "donor.registered", data))
                self.persons.append((donor.reference, "donor", {"name": donor.name}))
                found.append(donor)
        return found

    def _requests(self) -> list[Request]:
        told = network().prescribers
        prescribers = []
        for number in range(1, len(told.communes) + 1):
            prescribers.append(self.reference())
            fields = {"name": told.name.format(number=number)}
            self.persons.append((prescribers[-1], "prescriber", fields))
        found = []
        for number in range(90):
            place = self.dice.randrange(len(prescribers))
            day = self.first + datetime.timedelta(days=5 + number * (DAYS - 8) // 90)
            wanted = Request(self.reference(), prescribers[place], day, self.dice.randint(1, 12))
            wanted.left = wanted.quantity
            data = {
                "request": wanted.reference,
                "kind": self.dice.choice(("laptop", "laptop", "laptop", "desktop")),
                "minimum_grade": self.dice.choice("BCC"),
                "ram_mib": self.dice.choice((4096, 8192, 8192)),
                "quantity": wanted.quantity,
                "commune": told.communes[place],
                "deadline": (day + datetime.timedelta(days=45)).isoformat(),
                "prescriber": wanted.prescriber,
            }
            self.acts.append(Act(seconds(day, 9, 30), self.region.desk, "request.made", data))
            found.append(wanted)
        return found

    # -- what came ------------------------------------------------------------------

    def _take_lots(self) -> None:
        number = 0
        while len(self.machines) < MACHINES:
            number += 1
            shares = [workshop.share for workshop in network().workshop]
            place = self.dice.choices(range(len(shares)), shares)[0]
            quiet = SILENT_DAYS + 8 if place == len(shares) - 1 else 1
            # Days ago: a lot comes on each day with the same chance, and nobody works on Sundays.
            ago = self.dice.randint(quiet, DAYS - 12)
            day = _working(self.today - datetime.timedelta(days=ago))
            self._take_lot(number, self.members[place], day)
        for ahead in range(6):  # promised, or fetched already
            number += 1
            state = "promised" if ahead % 3 else "collected"
            day = self.today + datetime.timedelta(days=2 + 4 * ahead)
            lot = self._lot(number, self.members[ahead], day, state)
            self._come(lot, 12 + ahead)

    def _lot(self, number: int, member: Member, day: datetime.date, state: str) -> Lot:
        name = f"{DEMO}-{day.year % 100:02d}-{number:03d}"
        lot = Lot(name, self.dice.choice(self.donors), member, day, state)
        self.lots.append(lot)
        return lot

    def _take_lot(self, number: int, member: Member, day: datetime.date) -> None:
        ago = (self.today - day).days
        lot = self._lot(number, member, day, "received")
        size = min(self.dice.randint(*_LOT_SIZES), MACHINES - len(self.machines))
        shares = next(shares for least, shares in _FATES if ago >= least)
        bench = self._bench_for(member, day)
        kinds = network().kinds
        for turn in range(size):
            kind = self.dice.choices(tuple(kinds), [each.share for each in kinds.values()])[0]
            fate = self.dice.choices(tuple(shares), tuple(shares.values()))[0]
            lot.machines.append(self._machine(lot, bench, turn, kind, fate))
        self._come(lot, size)
        for machine in lot.machines:
            self._go_on(machine, member)
        if ago >= 60 and all(m.fate is not Fate.REPAIR and m.erased for m in lot.machines):
            lot.state = "closed"
            closed = seconds(day + datetime.timedelta(days=45), 16)
            data = {"count": size}
            self.acts.append(Act(closed, member.desk, "lot.closed", data, lot=lot.name))

    def _bench_for(self, member: Member, day: datetime.date) -> Chain:
        """One of its benches; the one whose stick was lost only before that."""
        benches = list(member.benches)
        lost = self.members[REVOKED[0]].benches[REVOKED[1]]
        if (self.today - day).days < REVOKED_DAYS + 6 and lost in benches:
            benches.remove(lost)
        return self.dice.choice(benches)

    def _machine(self, lot: Lot, bench: Chain, turn: int, kind: str, fate: Fate) -> Machine:
        if kind == "disk" and fate in (Fate.WORK, Fate.REPAIR, Fate.TRANSIT):
            fate = Fate.STOCK
        # Six to an hour, from nine: a bench works on several at once.
        at = seconds(lot.received, 9) + turn * 600
        year = lot.received.year
        self._used[f"{bench.key.id} {year}"] += 1
        number = self._start(bench) + self._used[f"{bench.key.id} {year}"]
        place = Place(
            bench,
            bench.device(at),
            lot.name,
            str(asset_number(DEMO, "C", year, number)),
            f"demo-{1 + turn % 3}",
        )
        machine = Machine(len(self.machines) + 1, kind, fate, place, at)
        self.machines.append(machine)
        life.live(machine, self.dice)
        return machine

    def _start(self, bench: Chain) -> int:
        order = [chain for member in (self.region, *self.members) for chain in member.benches]
        return order.index(bench) * BLOCK

    def _come(self, lot: Lot, size: int) -> None:
        """The lot's own events, as far as it came."""
        desk, day, donor = lot.member.desk, lot.received, lot.donor.reference

        def act(before: int, type: str, data: dict[str, object], hour: int = 8) -> None:
            at = seconds(day - datetime.timedelta(days=before), hour)
            self.acts.append(Act(at, desk, type, data, lot=lot.name))

        ahead = max(0, (day - self.today).days)
        promised = {"donor": donor, "count": size, "day": day.isoformat()}
        act(9 + ahead, "lot.promised", promised)
        if lot.state == "promised":
            return
        act(1 + ahead, "lot.collected", {"count": size, "donor": donor})
        if lot.state == "collected":
            return
        kinds = network().kinds
        weight = sum(kinds[m.kind].weight_g for m in lot.machines) + self.dice.randrange(5_000)
        act(0, "lot.weighed", {"weight_g": weight})
        act(0, "lot.received", {"count": size, "donor": donor}, hour=8)

    # -- where it went --------------------------------------------------------------

    def _go_on(self, machine: Machine, member: Member) -> None:
        """Transfers, reservations and hand-overs after the visit."""
        self.acts += machine.acts
        if machine.fate not in DONE:
            return
        dice, at = self.dice, machine.until
        last = seconds(self._last_day(member), 18)
        desk = member.desk
        if machine.fate is Fate.TRANSIT or dice.random() < _MOVED:
            receiver = dice.choice([m for m in self.members[:SILENT] if m is not member])
            at = self._later(at, 1, 4, last)
            transfer, devices = self.reference(), [machine.place.device]
            sent = {"transfer": transfer, "to": receiver.key.id, "devices": devices}
            self.acts.append(Act(at, desk, "transfer.sent", sent))
            if machine.fate is Fate.TRANSIT:
                return
            desk, last = receiver.desk, seconds(self._last_day(receiver), 18)
            at = self._later(at, 1, 6, last)
            taken = {"transfer": transfer, "devices": devices}
            self.acts.append(Act(at, desk, "transfer.accepted", taken))
            machine.moved = True
        if machine.fate is Fate.STOCK:
            return
        request = self._request_for(at, last)
        if machine.fate is Fate.RESERVED or request:
            at = self._later(at, 1, 5, last)
            asked = request.reference if request else ""
            data = {"reservation": self.reference(), "request": asked}
            self.acts.append(machine.place.act(at, "reservation.made", data, self.region.desk))
        if machine.fate is Fate.HANDED:
            at = self._later(at, 2, 25, last)
            self._hand_over(machine, desk, at, request)

    def _hand_over(self, machine: Machine, desk: Chain, at: int, request: Request | None) -> None:
        cap = price_cap_cents(machine.kind, french_rules()) or 0
        gift = self.dice.random() < 0.4
        machine.price_cents = 0 if gift else cap * _PRICES[machine.grade] // 100
        price = machine.price_cents
        data: dict[str, object] = {"recipient": self.reference(), "price_cents": price}
        data |= {"request": request.reference} if request else {}
        self.acts.append(machine.place.act(at, "handover.done", data, desk))

    def _request_for(self, at: int, last: int) -> Request | None:
        """An open request of before, for a third of the machines."""
        if self.dice.random() > 0.34:
            return None
        day = day_of(at)
        waiting = [r for r in self.requests if r.left and 0 <= (day - r.day).days < 90]
        if not waiting:
            return None
        waiting[0].left -= 1
        return waiting[0]

    def _last_day(self, member: Member) -> datetime.date:
        silent = member is self.members[SILENT]
        return self.today - datetime.timedelta(days=SILENT_DAYS if silent else 1)

    def _later(self, at: int, least: int, most: int, last: int) -> int:
        """Some working days later, and not after the last time we know of."""
        day = day_of(at) + datetime.timedelta(days=self.dice.randint(least, most))
        return max(at + 60, min(seconds(_working(day), 14, self.dice.randrange(60)), last))

    # -- what ended, and the days ---------------------------------------------------

    def _end_requests(self) -> None:
        for wanted in self.requests:
            age = (self.today - wanted.day).days
            if age < 60 or (wanted.left and age < 100):
                continue
            wanted.outcome = SERVED if wanted.left < wanted.quantity else WITHDRAWN
            at = seconds(wanted.day + datetime.timedelta(days=min(age - 2, 100)), 17)
            data = {"request": wanted.reference, "outcome": wanted.outcome}
            self.acts.append(Act(at, self.region.desk, "request.closed", data))

    def _days(self) -> None:
        """Hours by step, waste, and days that a supervisor closed: where a lot came."""
        self.acts += self._hours()
        for member in self.members:
            for month in range(12):
                day = _working(self.first + datetime.timedelta(days=28 + 30 * month))
                if day > self._last_day(member):
                    break
                for kind in self.dice.sample(tuple(_WASTE), 2):
                    grams = _WASTE[kind] + self.dice.randrange(4_000)
                    data = {"kind": kind, "weight_g": grams}
                    self.acts.append(Act(seconds(day, 17), member.desk, "waste.weighed", data))

    def _hours(self) -> Iterator[Act]:
        worked: dict[tuple[Chain, datetime.date], int] = {}
        for lot in self.lots:
            if lot.machines:
                key = (lot.member.desk, lot.received)
                worked[key] = worked.get(key, 0) + len(lot.machines)
        for (desk, day), count in worked.items():
            for step in self.dice.sample(tuple(_STEPS), 4):
                minutes = min(24 * 60, count * _STEPS[step])
                data = {"day": day.isoformat(), "step": step, "minutes": minutes}
                yield Act(seconds(day, 18), desk, "hours.noted", data)
            if (self.today - day).days > 3:
                closed = {"day": day.isoformat(), "counts": {"arrived": count}}
                yield Act(seconds(day, 18, 30), desk, "day.closed", closed)


def _working(day: datetime.date) -> datetime.date:
    """The same day, or the Friday before a week-end."""
    return day - datetime.timedelta(days=max(0, day.weekday() - 4))
