"""A page that is shown never changes its numbers; what became impossible says so in its place."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.guide.shown import JobStatus
from bench.screens.kit.places import Places, face_of
from bench.screens.kit.view import Choice, Row, View
from tests.screens.driver import ERASE, Bench, bench
from tests.screens.fake_port import SAMSUNG, STICK, FakePort, many
from tests.screens.test_look import OVER, PAGES, shown

keys = st.lists(st.sampled_from("abcdef"), unique=True, max_size=4).map(tuple)


@given(st.lists(st.tuples(keys, keys), min_size=1, max_size=8), st.integers(-1, 5))
def test_numbers_and_focus_stay_with_what_they_were_read_for(
    drawn: list[tuple[tuple[str, ...], tuple[str, ...]]], at: int
) -> None:
    places = Places()
    rows_before: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    focus = ""
    for rows, choices in drawn:
        view = View(
            title="Le même",
            rows=tuple(Row(key, key, "", "", "", "") for key in rows),
            choices=tuple(Choice(key, key) for key in choices),
        )
        kept, at = places.keep(view, at)
        row_keys, now = tuple(row.key for row in kept.rows), tuple(one.key for one in kept.choices)
        assert row_keys[: len(rows_before)] == rows_before and now[: len(before)] == before
        assert {one.key for one in kept.choices if not one.off} == set(choices)
        assert {row.key for row in kept.rows if not row.off} == set(rows)
        items = [f"row {key}" for key in row_keys] + [f"choice {key}" for key in now]
        if focus:
            assert items[at] == focus
        focus = items[at] if 0 <= at < len(items) else ""
        rows_before, before = row_keys, now


def numbers(b: Bench) -> tuple[str, ...]:
    view = b.page.view()
    return (*(row.key for row in view.rows), "|", *(one.key for one in view.choices))


async def world_changes(b: Bench, step: int) -> None:
    """Disks thaw, come and go; the erasure ends; all while the page is read."""
    port, thawed = b.port, msgspec.structs.replace(SAMSUNG, can_thaw=step % 2 == 0)
    port.found = [[thawed, STICK], [thawed, *many(3), STICK], [STICK], [thawed, STICK]][step % 4]
    port.complete = step != 2
    job = port.running.get("job1")
    if job is not None and step == 1:
        port.running["job1"] = msgspec.structs.replace(
            job, status=JobStatus.DONE, claim="purge", percent=100, recheck=True
        )
    b.clock.ahead += 5
    b.app.desk.watch.ask_jobs()
    b.app.desk.watch.ask_disks()
    await b.settle()


@pytest.mark.long
@pytest.mark.parametrize("name", [*PAGES, *OVER])
async def test_no_page_that_is_refreshed_changes_its_numbers(name: str) -> None:
    async with shown(name, "fr") as b:
        page, face, before = b.page, face_of(b.page.view()), numbers(b)
        for step in range(4):
            await world_changes(b, step)
            now = numbers(b)
            if b.page is page and face_of(b.page.view()) == face:
                rows, choices = before.index("|"), before[before.index("|") + 1 :]
                assert now[:rows] == before[:rows], name
                assert now[now.index("|") + 1 :][: len(choices)] == choices, name
            page, face, before = b.page, face_of(b.page.view()), now


@pytest.mark.long
async def test_the_page_of_the_supervisor_keeps_its_numbers_when_the_erasure_ends() -> None:
    port = FakePort(percent_a_look=1)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        await b.press("f9")
        assert "2  Mettre ce PC de côté (pas possible)" in b.text()
        await b.press("2")
        assert "Attendez la fin de l'effacement." in b.text() and b.name == "CallPage"
        port.percent_a_look = 100
        await b.tick()
        assert "2  Mettre ce PC de côté" in b.text() and "(pas possible)" not in b.text()


@pytest.mark.long
async def test_a_question_about_stopping_says_that_the_erasure_has_ended() -> None:
    port = FakePort(percent_a_look=1)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        await b.press("2")
        await b.at("StopPage")
        port.percent_a_look = 100
        await b.tick()
        assert "L'effacement est fini." in b.text()
        assert "3  Oui, arrêter l'effacement (pas possible)" in b.text()
        await b.press("3")
        assert not port.calls("stop_erase") and b.name == "StopPage"
        await b.press("1")
        await b.at("ErasedPage")


@pytest.mark.long
async def test_a_choice_made_as_the_page_turns_by_itself_is_not_taken() -> None:
    port = FakePort(percent_a_look=1)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        port.percent_a_look = 100
        await b.tick()
        await b.at("ErasedPage")
        await b.burst("1")
        assert b.name == "ErasedPage" and "L'écran a changé." in b.text()
        await b.press("1")
        await b.at("LookPage")


async def test_a_disk_pulled_from_the_tray_leaves_its_number_to_no_other() -> None:
    port = FakePort(found=[*many(3), STICK])
    async with bench(port) as b:
        await b.sign_in()
        await b.press("3")
        await b.at("TrayPage")
        port.found = [*many(3)[1:], STICK]
        b.clock.ahead += 5
        b.app.desk.watch.tick()
        await b.settle()
        assert "n'est plus là" in b.text()
        await b.press("1")
        assert "[x]" not in b.text()
        await b.press("2", "tab", "enter")
        await b.at("ConfirmPage")
        assert "…1001" in b.text()


async def test_tab_and_enter_tick_no_disk() -> None:
    async with bench(FakePort(found=[*many(3), STICK])) as b:
        await b.sign_in()
        await b.press("3")
        await b.at("TrayPage")
        await b.press("tab", "enter")
        assert "[x]" not in b.text() and "Cochez d'abord un disque." in b.text()
