"""Who makes up the made-up network: the region, its workshops and their benches, as data."""

from __future__ import annotations

import datetime
import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.demo.region.chains import Act, Chain, Noise, moment_of, seconds
from bench.records.rules.known import COORDINATION
from bench.records.signed import event, keys
from diagnostics.learn import learn
from labels.identifier import DEMO

_FILE = Path(__file__).with_name("network.toml")
BLOCK = 10_000  # label numbers a bench has each year


class Workshop(msgspec.Struct, frozen=True):
    """`share`: parts of a hundred of all lots."""

    name: str
    commune: str
    benches: int
    share: int


class Crowd(msgspec.Struct, frozen=True):
    """Donors of a kind: `name` takes `number`."""

    name: str
    count: int


class Prescribers(msgspec.Struct, frozen=True):
    name: str
    communes: tuple[str, ...]


class Kind(msgspec.Struct, frozen=True):
    """A kind of machine; models are (maker, model, processor, cores, year)."""

    share: int
    weight_g: int
    models: tuple[tuple[str, str, str, int, int], ...]


class Disk(msgspec.Struct, frozen=True):
    models: tuple[str, ...]
    size_bytes: int
    technique: str
    claim: str
    transport: str


class Network(msgspec.Struct, frozen=True):
    """`network.toml`."""

    region: str
    workshop: tuple[Workshop, ...]
    donors: dict[str, Crowd]
    prescribers: Prescribers
    kinds: dict[str, Kind]
    disks: dict[str, Disk]


@functools.cache
def network() -> Network:
    """The data shipped with the program."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), Network)


@dataclass(frozen=True)
class Member:
    """A workshop with its key and its benches; the first is where lots and hand-overs are noted."""

    name: str
    commune: str
    key: keys.Key
    benches: tuple[Chain, ...]

    @property
    def desk(self) -> Chain:
        """The first of its benches."""
        return self.benches[0]


def region() -> Member:
    """The coordination, with its one bench: the data folder's own."""
    return _member(network().region, "Lille", 1)


def members() -> list[Member]:
    """The workshops, in the order of the data."""
    return [_member(each.name, each.commune, each.benches) for each in network().workshop]


def _member(name: str, commune: str, benches: int) -> Member:
    key = keys.Key(Noise(f"demo workshop {name}")(32))
    chains = tuple(Chain(f"{name} {number}", key) for number in range(1, benches + 1))
    return Member(name, commune, key, chains)


def openings(
    coordination: Member, workshops: list[Member], first: datetime.date, years: tuple[int, ...]
) -> Iterator[Act]:
    """The first events of every chain: opened, certified, and its label numbers of each year."""
    number = 0
    for member in (coordination, *workshops):
        role = COORDINATION if member is coordination else "bench"
        for chain in member.benches:
            at = seconds(first, 7, number)
            opened = {"name": chain.name, "site": member.commune, "prefix": DEMO}
            yield Act(at, chain, "bench.opened", opened | {"software": "etabli demo"})
            said = chain.certificate(event.timestamp(moment_of(at)), role)
            yield Act(at, chain, "bench.certified", {"certificate": said})
            for year in years if member is not coordination else ():
                block = {"prefix": f"{DEMO}C", "year": year, "start": number * BLOCK + 1}
                yield Act(at, chain, "number.block", block | {"size": BLOCK - 1})
            number += 1


learn(Network)
