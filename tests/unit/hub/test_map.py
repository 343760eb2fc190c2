"""The map of communes: where circles and names stand, and that its figures are the record's."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st

from bench.hub.accounts.roles import Role
from bench.network import stock
from bench.network.by_commune import by_commune
from bench.network.map_layout import LARGEST, SMALLEST, Box, Layout, Spot, layout, radius
from bench.network.members import set_commune
from bench.network.places import Place, distance_km, places
from bench.records.log import Log
from bench.records.signed import keys
from bench.stock import requests
from bench.words.catalogue import say
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.chromium import WIDTHS, chromium, opened
from tests.unit.hub.world import NORTH, SOUTH, World, browser

TOWNS = sorted(places().values())
SPOTS = st.lists(
    st.builds(Spot, st.sampled_from(TOWNS), st.integers(0, 5000), st.integers(0, 500)),
    max_size=30,
    unique_by=lambda spot: spot.place,
)


@given(SPOTS)
def test_all_is_inside_and_no_name_lies_on_another(spots: list[Spot]) -> None:
    found = layout(spots, TOWNS)
    assert sorted(mark.at for mark in found.marks) == list(range(len(spots)))
    for mark in found.marks:
        assert mark.radius <= mark.x <= found.width - mark.radius
        assert mark.radius <= mark.y <= found.height - mark.radius
    labels = [mark.label for mark in found.marks if mark.label]
    assert all(label.inside(found.width, found.height) for label in labels)
    assert not any(one.meets(other) for one, other in combinations(labels, 2))
    for mark in found.marks:
        for label in (each.label for each in found.marks if each.label and each.at != mark.at):
            assert not label.meets(_box(mark.x, mark.y, mark.radius))
    assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in found.points)


def _box(x: float, y: float, radius: float) -> Box:
    return Box(x - radius, y - radius, 2 * radius, 2 * radius)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_is_never_smaller(most: int, some: int, other: int) -> None:
    less, more = sorted((min(some, most), min(other, most)))
    assert radius(less, most) <= radius(more, most) <= LARGEST
    assert (radius(less, most) == 0) is (less == 0)
    assert not less or radius(less, most) >= SMALLEST


def test_the_area_says_the_count() -> None:
    assert radius(100, 400) == LARGEST / 2
    assert radius(400, 400) == LARGEST


@given(SPOTS)
def test_large_circles_lie_under_small_ones(spots: list[Spot]) -> None:
    marks = layout(spots).marks
    assert all(one.radius >= other.radius for one, other in pairwise(marks))


def test_distances_are_those_of_the_ground() -> None:
    """Two towns twice as far lie twice as far on the picture, along and across; to 4 %."""
    found = layout([Spot(place, 1, 0) for place in TOWNS])
    at = {mark.at: (mark.x, mark.y) for mark in found.marks}
    scales = []
    for one, other in combinations(range(len(TOWNS)), 2):
        ground = distance_km(TOWNS[one], TOWNS[other])
        if ground > 40:
            (x, y), (to_x, to_y) = at[one], at[other]
            scales.append(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 / ground)
    assert max(scales) / min(scales) < 1.04
    north = max(range(len(TOWNS)), key=lambda each: TOWNS[each].north)
    east = max(range(len(TOWNS)), key=lambda each: TOWNS[each].east)
    assert at[north][1] == min(y for _, y in at.values())
    assert at[east][0] == max(x for x, _ in at.values())


def test_a_single_place_and_none() -> None:
    lens = Place("Lens", 50.43, 2.83)
    found = layout([Spot(lens, 3, 0)])
    assert found.marks[0].label is not None
    assert (found.marks[0].x, found.marks[0].y) == (found.width / 2, round(found.height / 2, 1))
    assert layout([]).marks == ()


def test_most_names_find_room() -> None:
    """Ten workshops of the region: all of them are named."""
    chosen = ("Lille", "Roubaix", "Lens", "Arras", "Amiens", "Calais", "Beauvais", "Laon")
    spots = [Spot(places()[name.lower()], 200 - at, 9 + at) for at, name in enumerate(chosen)]
    assert all(mark.label for mark in layout(spots).marks)


ODD = "<svg onload=alert(1)>&\"'"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The north in Lille, the south in a commune nobody knows; free machines, open requests."""
    world = made.make(tmp_path_factory.mktemp("map") / "data")
    log = world.site.open_log()
    for at, mark in enumerate((NORTH, SOUTH)):
        bench = forge.Bench(f"second {mark}", world.workshops[mark])
        events = bench.opened()
        for number in range(4, 8 - at):
            events += bench.visit(number + 100 * at, tests=1)
        log.store.add(events)
    for mark, commune in ((NORTH, "  lille "), (SOUTH, ODD)):
        set_commune(log, keys.key_id(world.workshops[mark].public), commune)
    requests.ask(log, "ref-prescriber", quantity=2, commune="LILLE")
    requests.ask(log, "ref-others", quantity=7, commune="Saint-Omer")
    requests.close(log, requests.ask(log, "ref-others", quantity=9, commune="Arras"), "withdrawn")
    log.store.close()
    return world


@pytest.fixture(scope="module")
def url(region: World) -> Iterator[str]:
    with made.serving_pages(region.site) as address:
        yield address


def asked(region: World, url: str, role: Role) -> httpx.Response:
    with browser(url, region.secret(role)) as client:
        return client.get("/carte")


def rows(page: str) -> dict[str, list[str]]:
    """The table's rows by their first cell, as a reader hears them."""
    table = page[page.index("<tbody>") : page.index("</tfoot>")]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        cells = [
            html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        found[cells[0]] = cells[1:]
    return found


def figures(log: Log, **of: str) -> dict[str, tuple[int, int, int]]:
    return {
        line.commune: (line.free, line.requests, line.missing) for line in by_commune(log, **of)
    }


def test_figures_are_the_records(region: World) -> None:
    log = region.site.open_log()
    found = figures(log)
    every = requests.requests(log)
    free = stock.by_state(log)["free"]
    log.store.close()
    # One request of the world's own tells no commune.
    assert found == {"Lille": (4, 1, 2), ODD: (3, 0, 0), "Saint-Omer": (0, 1, 7), "": (0, 1, 1)}
    assert sum(count for count, _, _ in found.values()) == free
    assert sum(count for _, count, _ in found.values()) == len(every)
    assert sum(count for _, _, count in found.values()) == sum(each.missing for each in every)


@pytest.mark.parametrize("role", [Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR])
def test_who_sees_all(region: World, url: str, role: Role) -> None:
    found = rows(asked(region, url, role).text)
    assert found["Lille"] == ["4", "1", "2", NORTH]
    assert found["Saint-Omer"] == ["0", "1", "7", ""]
    assert found[say("hub.map.all")] == ["7", "3", "10", "3"]  # the hub itself is one, somewhere


def test_a_prescriber_sees_no_request_of_others(region: World, url: str) -> None:
    page = asked(region, url, Role.PRESCRIBER).text
    found = rows(page)
    assert found["Lille"][:3] == ["4", "1", "2"] and found[ODD][:3] == ["3", "0", "0"]
    assert "Saint-Omer" not in page and "Arras" not in page
    assert found[say("hub.map.all")][:3] == ["7", "1", "2"]


def test_names_are_escaped_and_what_has_no_place_is_under_the_map(region: World, url: str) -> None:
    page = asked(region, url, Role.COORDINATION).text
    assert "<svg onload" not in page and "<script>alert" not in page
    under = page[page.index("</svg>") :]
    told = say("hub.map.elsewhere", communes=ODD)
    assert told in html.unescape(under)
    picture = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert {each.text for each in picture.iter("text")} == {"Lille", "Saint-Omer"}
    assert picture.findtext("title") == say("hub.map.picture")
    assert "style" not in {name for each in picture.iter() for name in each.attrib}


def test_circles_of_the_picture_are_those_of_the_figures(region: World, url: str) -> None:
    page = asked(region, url, Role.COORDINATION).text
    picture = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    groups = {str(g.findtext("title")).split(" :")[0]: g for g in picture.iter("g")}
    assert set(groups) == {"Lille", "Saint-Omer"}
    drawn = {
        (name, each.get("class")): float(each.get("r", ""))
        for name, group in groups.items()
        for each in group.iter("circle")
    }
    assert drawn["Lille", "free"] == radius(4, 7) and drawn["Lille", "asked"] == radius(2, 7)
    assert drawn["Saint-Omer", "asked"] == LARGEST and ("Saint-Omer", "free") not in drawn
    assert ("Lille", "shop") in drawn and ("Saint-Omer", "town") in drawn


def test_a_hub_without_communes(tmp_path: Path) -> None:
    world = made.make(tmp_path / "data")
    with made.serving_pages(world.site) as address:
        page = asked(world, address, Role.COORDINATION).text
    assert say("hub.map.empty") in page and "<svg" not in page
    assert rows(page)[say("hub.map.nowhere")][:3] == ["0", "1", "1"]


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True])
def test_axe_width_and_names_as_drawn(region: World, url: str, dark: bool) -> None:
    """The names a browser really draws do not overlap either."""
    with chromium() as started:
        for width in WIDTHS:
            secret = region.secret(Role.COORDINATION)
            with opened(started, f"{url}/carte", secret=secret, width=width, dark=dark) as page:
                results = Axe().run(page)
                assert results.violations_count == 0, results.generate_report()
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.long
def test_names_as_a_browser_draws_them() -> None:
    """What was reserved for a name is enough for it, of every town of the list."""
    found: Layout = layout([Spot(place, 1, 0) for place in TOWNS])
    texts = "".join(f"<text>{html.escape(place.name)}</text>" for place in TOWNS)
    with chromium() as started:
        page = started.new_page()
        page.set_content(
            f"<svg width=640 height=400 style='font:15px system-ui,sans-serif'>{texts}</svg>"
        )
        wide = page.evaluate(
            "[...document.querySelectorAll('text')].map((e) => e.getComputedTextLength())"
        )
    for mark in found.marks:
        if mark.label:
            assert wide[mark.at] <= mark.label.width, TOWNS[mark.at].name
