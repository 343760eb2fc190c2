"""Open data: what anybody reads of the network, by a schema, with small counts hidden."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bench.hub.accounts.roles import Role
from bench.hub.pages import open_data as pages
from bench.hub.web.headers import ALWAYS
from bench.network.hiding import FEW
from bench.records.signed import keys
from bench.records.sql.tables import FREE
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.world import NORTH, NOW, SOUTH, World, browser


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """Free machines: 30 in the north, of three grades; two in the south."""
    world = made.make(tmp_path / "data")
    log = world.site.open_log()
    for at, (mark, many) in enumerate(((NORTH, 30), (SOUTH, 2))):
        bench = forge.Bench(f"open {mark}", world.workshops[mark], clock=forge.Clock(NOW))
        events = bench.opened()
        for number in range(4, 4 + many):
            events += bench.visit(number + 400 * at, tests=1)
        log.store.add(events)
    log.store.close()
    with made.serving_pages(world.site) as url:
        yield world, url


def data_of(url: str) -> dict[str, Any]:
    answer = httpx.get(f"{url}/ouvert/donnees.json")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_the_data_are_as_their_schema_says(opened: tuple[World, str]) -> None:
    _, url = opened
    schema = httpx.get(f"{url}/ouvert/schema.json").json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    data = data_of(url)
    validator.validate(data)
    for wrong in ("members", "years", "made_at"):
        lacking = copy.deepcopy(data)
        del lacking[wrong]
        with pytest.raises(ValidationError):
            validator.validate(lacking)
    negative = copy.deepcopy(data)
    negative["members"][0]["free"]["total"] = -1
    with pytest.raises(ValidationError):
        validator.validate(negative)


def test_what_is_few_is_hidden(opened: tuple[World, str]) -> None:
    """The south's two machines: neither their number nor the network's, which would tell it."""
    world, url = opened
    data = data_of(url)
    north, south = (
        next(each for each in data["members"] if each["name"] == mark) for mark in (NORTH, SOUTH)
    )
    log = world.site.open_log()
    sql = f"SELECT holder, count(*) FROM machine WHERE {FREE} GROUP BY holder"
    free = dict(log.store.query(sql))
    log.store.close()
    assert free[keys.key_id(world.workshops[SOUTH].public)] == 2
    assert north["free"]["total"] == free[north["id"]] > FEW
    assert south["free"]["total"] is None and data["free"]["total"] is None
    assert {each["count"] for each in south["machines"]} == {None}
    counts = _counts(data)
    assert counts and not [count for count in counts if 1 <= count <= FEW]
    finished = data["years"][0]["counters"]["machines_finished"]["total"]
    assert finished == sum(free.values()) + 2  # each member's first, that was never graded


def _counts(node: object) -> list[int]:
    """Every `count` and `total` in the data."""
    if isinstance(node, list):
        return [count for each in node for count in _counts(each)]
    if not isinstance(node, dict):
        return []
    own = [node[name] for name in ("count", "total") if isinstance(node.get(name), int)]
    return own + [count for each in node.values() for count in _counts(each)]


def test_a_name_begins_no_tag_anywhere(opened: tuple[World, str]) -> None:
    _, url = opened
    for path in ("/ouvert", "/ouvert/cadre", "/ouvert/donnees.json"):
        text = httpx.get(url + path).text
        assert "NORD" in text and "<script" not in text
    assert "SN0" not in httpx.get(f"{url}/ouvert/donnees.json").text


def test_any_site_reads_the_data_and_shows_the_frame_and_nothing_else(
    opened: tuple[World, str],
) -> None:
    world, url = opened
    strict = "frame-ancestors 'none'"
    for path, framed, read in (
        ("/ouvert", False, False),
        ("/ouvert/donnees.json", False, True),
        ("/ouvert/schema.json", False, True),
        ("/ouvert/cadre", True, False),
        ("/entrer", False, False),
        ("/ouvert/cadre/", False, False),
    ):
        answer = httpx.get(url + path, headers={"Origin": "https://elsewhere.example"})
        policy = answer.headers["content-security-policy"]
        assert (strict not in policy and "frame-ancestors *" in policy) is framed, path
        assert ("x-frame-options" not in answer.headers) is framed, path
        assert (answer.headers.get("access-control-allow-origin") == "*") is read, path
        assert "access-control-allow-credentials" not in answer.headers
        assert ("public" in answer.headers["cache-control"]) is read
        assert "set-cookie" not in answer.headers or not (framed or read)
    frame = httpx.get(f"{url}/ouvert/cadre").text
    assert "<script" not in frame and "<form" not in frame
    assert "script-src" in ALWAYS["Content-Security-Policy"]
    with browser(url, world.secret(Role.COORDINATION)) as client:  # nothing of who looks
        assert client.get("/ouvert/cadre").text == frame
        assert client.get("/ouvert/donnees.json").json() == data_of(url)


def test_the_numbers_are_kept_ten_minutes(opened: tuple[World, str]) -> None:
    world, url = opened
    before = data_of(url)
    log = world.site.open_log()
    bench = forge.Bench("later", world.workshops[SOUTH], clock=forge.Clock(NOW))
    events = bench.opened()
    for number in range(800, 840):
        events += bench.visit(number, tests=1)
    log.store.add(events)
    log.store.close()
    world.clock.later(pages.KEPT_S - 1)
    assert data_of(url) == before
    world.clock.later(1)
    after = data_of(url)
    assert after["made_at"] > before["made_at"]
    assert after["free"]["least"] >= before["free"]["least"] + 30
    world.clock.later(-3600)  # a clock set back: the future is not told
    assert data_of(url)["made_at"] < before["made_at"]
