"""Fills a new data folder with the record a region's coordination has after a year."""

from __future__ import annotations

import datetime
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.demo.region import alerts, shared
from bench.demo.region.chains import Noise, moment_of, seconds, sign_all
from bench.demo.region.members import Member
from bench.demo.region.year import Year
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records import persons
from bench.records.log import DEMO, OWN_BENCH, Log, trust
from bench.records.signed import event, keys
from bench.records.signed.event import Signed
from bench.records.sql import schema
from bench.records.store import Store
from bench.stock.donors import KEEP_YEARS

_OF_BENCHES = ("bench.opened", "bench.certified", "number.block")
LAST_BAG = 25  # events of each workshop's first bench that its last bag brought
LAST_PACK_DAYS = 12


class _Clock:
    """The moment that is being played."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> datetime.datetime:
        return moment_of(self.at)


def plant(folder: Path, today: datetime.date | None = None) -> None:
    """Make the region's data folder: its keys, its record, who is in it. Nothing is replaced.

    The keys come from a seed that everybody can read: the folder is marked as a demonstration's
    and is never anything else. Raises `RecordsError`: `key_exists` where the folder is in use,
    `folder_unwritable`, `store_*`.
    """
    year = Year(today or datetime.datetime.now(datetime.UTC).date())
    log = _found(folder, year)
    try:
        year.acts += alerts.planned(year)
        signed = sign_all(year.acts)
        signed += alerts.copied(year, signed)
        last = {member.name: _last(member, signed) for member in year.members}
        waiting = {id(each) for events in last.values() for each in events}
        with log.store.transaction():
            # Who the benches are first: else each is looked through again for what it said before.
            log.store.add(each for each in signed if each.event.type in _OF_BENCHES)
            log.store.add(each for each in signed if id(each) not in waiting)
            _keep_persons(log, year)
        with tempfile.TemporaryDirectory(prefix="etabli-demo-") as place:
            for member in year.members:
                _bring(log, member, signed, last[member.name], Path(place))
        log.clock = _Clock(seconds(year.today - datetime.timedelta(days=LAST_PACK_DAYS), 10))
        shared.publish(log)
    finally:
        log.store.close()


def _found(folder: Path, year: Year) -> Log:
    """The folder's keys and store, which knows every workshop as if their fingerprints had been
    read aloud."""
    region = year.region
    key = keys.create(folder / "keys" / "bench.key", Noise(f"demo bench {region.desk.name}"))
    keys.create(folder / "keys" / "workshop.key", Noise(f"demo workshop {region.name}"))
    store = Store.open(folder / "etabli.db")
    log = Log(store, key, _Clock(seconds(year.first)), Noise("demo store"))
    at = event.timestamp(log.clock.now())
    with store.transaction():
        store.seal_as(key)
        store.set_meta(OWN_BENCH, key.id)
        store.set_meta(DEMO, 1)
        trust(store, region.key.public, name=region.name, at=at, how="own", region=True)
        for member in year.members:
            trust(store, member.key.public, name=member.name, at=at, how="fingerprint")
    return log


def _keep_persons(log: Log, year: Year) -> None:
    private = {donor.reference for donor in year.donors if donor.kind == "person"}
    until = datetime.date(year.today.year + KEEP_YEARS, 12, 31).isoformat()
    for reference, role, fields in year.persons:
        keep = until if reference in private else ""
        persons.add(log, role, fields, reference=reference, keep_until=keep)


def _last(member: Member, signed: Sequence[Signed]) -> list[Signed]:
    """What a workshop's last bag brings: the end of its first bench's chain."""
    own = [each for each in signed if each.event.bench == member.desk.key.id]
    return own[max(3, len(own) - LAST_BAG) :]


def _bring(
    log: Log, member: Member, signed: Sequence[Signed], last: list[Signed], place: Path
) -> None:
    """A workshop's last bag, really written and really taken in, on the evening it was sent."""
    day = datetime.date.fromisoformat(last[-1].event.at[:10])
    clock = _Clock(seconds(day, 20))
    opened = [each for each in signed if each.event.bench == member.desk.key.id][:3]
    store = Store(schema.fresh(), place / "etabli.db", member.desk.key)
    try:
        trust(store, member.key.public, name=member.name, at="", how="own")
        store.add([*opened, *last])
        bag = place / f"{member.desk.key.id}.zip"
        export_bag(Log(store, member.desk.key, clock, member.desk.random), bag)
    finally:
        store.close()
    import_bags(Log(log.store, log.key, clock, log.random), [bag])


if __name__ == "__main__":  # a folder to look at, for who works on the hub's pages
    plant(Path(sys.argv[1]))
