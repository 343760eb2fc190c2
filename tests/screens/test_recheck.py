"""A machine comes back after its power was off: one key reads again what an erasure left."""

from __future__ import annotations

import msgspec
import pytest

from bench.guide.shown import JobStatus, JobView
from tests.screens.cases import CASES
from tests.screens.driver import ERASE, bench
from tests.screens.fake_port import STICK, FakePort

DISK = msgspec.structs.replace(CASES["frozen"](), can_thaw=False)
OFFER = "Relire le disque, après l'arrêt du PC"


def port(*, recheck: bool = True, ends: str = "clear", looks: bool = True) -> FakePort:
    """A disk that was erased in an earlier visit."""
    made = FakePort(found=[DISK, STICK], looks=looks, ends_with=ends)
    before = JobView("old", DISK.key, DISK.title, JobStatus.DONE, claim="clear", recheck=recheck)
    made.running["old"] = before
    return made


@pytest.mark.long
@pytest.mark.parametrize(("ends", "page"), [("clear", "ErasedPage"), ("failed", "FailedPage")])
async def test_one_key_reads_the_disk_again_and_its_end_counts(ends: str, page: str) -> None:
    async with bench(port(ends=ends), ERASE) as b:
        await b.at("ReviewPage")
        await b.until(lambda: OFFER in b.text(), "the offer")
        await b.press("3")
        await b.until(lambda: bool(b.port.calls("recheck")), "the look")
        await b.at(page)
        assert b.port.calls("recheck") == [("recheck", "old")] and not b.port.calls("start_erase")


async def test_a_disk_that_could_not_be_read_is_still_to_be_erased() -> None:
    async with bench(port(looks=False), ERASE) as b:
        await b.at("ReviewPage")
        await b.until(lambda: OFFER in b.text(), "the offer")
        await b.press("3")
        await b.until(lambda: "n'a pas pu être relu" in b.text(), "why not")
        await b.at("ReviewPage")


async def test_nothing_is_offered_where_the_power_was_never_off() -> None:
    async with bench(port(recheck=False), ERASE) as b:
        await b.at("ReviewPage")
        await b.until(lambda: bool(b.port.calls("jobs")), "the jobs")
        assert OFFER not in b.text()
