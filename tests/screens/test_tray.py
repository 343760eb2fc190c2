"""Many disks at once: how fast, how warm, until when each; and the whole tray in a line."""

from __future__ import annotations

import datetime

import pytest
from msgspec.structs import replace

from bench.guide.shown import JobStatus, JobView
from bench.screens.erase.many_disks import pace
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import STICK, FakePort, many

NOON = datetime.datetime(2026, 11, 30, 12, 0, tzinfo=datetime.UTC)


def job(number: int, **more: object) -> JobView:
    running = JobView(
        f"job{number}",
        f"SN{number:04}",
        "Disque",
        JobStatus.RUNNING,
        percent=45,
        speed_bytes_s=120_000_000,
        temperature_c=38,
        finish_at=NOON + datetime.timedelta(hours=number),
    )
    return replace(running, **more)


async def erasing(b: Bench, port: FakePort, count: int) -> None:
    """All of them ticked, confirmed and begun."""
    await b.sign_in()
    await b.press("3")
    await b.at("TrayPage")
    await b.press("tab", "down", "enter", "up", "enter")  # all of them
    allowed = [number for number in range(count) if many(count)[number].allowed]
    for number in allowed:
        await b.at("ConfirmPage")
        await b.press(*f"{1000 + number}")
    await b.at("ReadyPage")
    await b.press("f8")
    await b.until(lambda: len(port.calls("start_erase")) == len(allowed), "all begun")
    await b.at("TrayPage")
    await b.tick()


def clock(moment: datetime.datetime) -> str:
    local = moment.astimezone()
    return f"{local.hour} h {local.minute:02}"


@pytest.mark.long
@pytest.mark.parametrize("count", [3, 16])
async def test_each_says_its_pace_and_the_tray_when_one_may_leave(count: int) -> None:
    port = FakePort(found=[*many(count), STICK], percent_a_look=0)
    async with bench(port) as b:
        await erasing(b, port, count)
        port._moved = lambda job: job  # type: ignore[method-assign]
        for name, each in port.running.items():
            number = int(each.key[2:])
            port.running[name] = job(number, id=name, key=each.key)
        await b.tick()
        last = clock(NOON + datetime.timedelta(hours=count - 1))
        if count == 3:
            assert f"En cours : {count}. Fin à {last}. Vous pouvez partir." in b.text()
            row = next(row for row in b.rows() if "…1000" in row or " 1000 " in row)
            assert f"45 % {clock(NOON)} 120 Mo/s 38 °C" in row
        else:  # one of them may not be erased
            assert f"En cours : {count - 1}. Fin à {last}." in b.text()
            assert "À regarder (1) : 5" in b.text() and "Vous pouvez partir" not in b.text()
            assert b.text().count("45 %") == count - 1
        assert "Terminer" not in b.text()


@pytest.mark.long
async def test_a_disk_that_wants_a_hand_is_named_by_its_number_and_nobody_is_sent_away() -> None:
    port = FakePort(found=[*many(3), STICK], percent_a_look=0)
    async with bench(port) as b:
        await erasing(b, port, 3)
        for name, each in port.running.items():
            if each.key == "SN0001":
                port.running[name] = replace(each, status=JobStatus.DONE, claim="failed")
        await b.tick()
        await b.until(lambda: "À regarder (1) : 2" in b.text())
        assert "En cours : 2." in b.text() and "Vous pouvez partir" not in b.text()


@pytest.mark.long
async def test_one_that_says_no_end_leaves_the_end_open() -> None:
    port = FakePort(found=[*many(2), STICK], percent_a_look=0)
    async with bench(port) as b:
        await erasing(b, port, 2)
        port._moved = lambda job: job  # type: ignore[method-assign]
        for name, each in port.running.items():
            number = int(each.key[2:])
            ends = NOON if number else None
            port.running[name] = job(number, id=name, key=each.key, finish_at=ends)
        await b.tick()
        await b.until(lambda: "45 %" in b.text())
        assert "En cours : 2. Vous pouvez partir." in b.text()


def test_what_is_not_known_of_a_job_is_left_out() -> None:
    assert pace(None) == ()
    bare = job(0, speed_bytes_s=None, temperature_c=None, finish_at=None)
    assert pace(bare) == ()
    assert pace(job(0, temperature_c=None, finish_at=None, speed_bytes_s=1)) == ("1 Mo/s",)


@pytest.mark.long
@pytest.mark.parametrize("trouble", ["unplugged", "unread", "unknown", "waiting"])
async def test_nobody_is_sent_away_while_anything_is_not_known_to_go_on(trouble: str) -> None:
    port = FakePort(found=[*many(3), STICK], percent_a_look=0)
    async with bench(port) as b:
        await erasing(b, port, 3)
        await b.until(lambda: "Vous pouvez partir." in b.text())
        name, running = next((n, j) for n, j in port.running.items() if j.key == "SN0001")
        if trouble == "unplugged":
            port.found = [disk for disk in port.found if disk.key != "SN0001"]
        elif trouble == "unread":
            port.complete = False
        elif trouble == "unknown":
            del port.running[name]
        else:
            port.running[name] = replace(running, status=JobStatus.WAITING)
        b.clock.ahead += 5
        b.app.desk.watch.tick()
        await b.tick()
        await b.until(lambda: "Vous pouvez partir" not in b.text())
        if trouble == "unplugged":
            assert "À regarder (1) : 2" in b.text()
            assert "débranché avant la fin" in b.text()


@pytest.mark.long
async def test_a_disk_that_waits_says_that_it_goes_on_by_itself() -> None:
    port = FakePort(found=[*many(2), STICK], percent_a_look=0)
    async with bench(port) as b:
        await erasing(b, port, 2)
        for name, each in port.running.items():
            port.running[name] = replace(each, status=JobStatus.PAUSED, percent=45)
        await b.tick()
        await b.until(lambda: b.text().count("attend, continue seul") == 2)
        assert "Vous pouvez partir." in b.text()
