"""Every call with every role, from the table itself; tokens, limits, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from bench.hub.accounts import tokens
from bench.hub.accounts.limits import Limit
from bench.hub.accounts.roles import SEE_ALL, Role
from bench.hub.api import app, openapi
from bench.hub.api.app import Limits, application, whole
from bench.hub.api.call import Call
from bench.hub.api.routes import CALLS
from bench.hub.pages.page import Own
from bench.hub.web.headers import ALWAYS
from bench.network import stock
from bench.network.stock import Wanted
from tests.unit.hub import processes
from tests.unit.hub.test_commands import etabli
from tests.unit.hub.world import MARKS, NORTH, SOUTH, World, browser, serving_app

# Other answers than 200 or 201 to who may ask, with an empty body, and why.
OTHERWISE: dict[tuple[str, Role | None], int] = {
    ("lot", None): 404,  # there is none of this name
    ("transfer", None): 404,
    ("pack", None): 404,
    ("accept", None): 404,
    ("take_back", None): 400,  # nobody said why
    ("send", None): 400,  # nothing was chosen
    ("make", Role.COORDINATION): 400,  # nobody was named
    ("machine", Role.PRESCRIBER): 404,  # it is still being worked on
    ("request", Role.PRESCRIBER): 404,  # another's
    ("close", Role.PRESCRIBER): 404,
}


def unbounded() -> Limits:
    return Limits(Limit(10**6, 0.001), Limit(10**6, 0.001))


@pytest.fixture(scope="module")
def api(world: World) -> Iterator[str]:
    with serving_app(whole(world.site, unbounded())) as address:
        yield address


def program(url: str, token: str = "", **headers: str) -> httpx.Client:
    told = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=told | headers, timeout=20)


def token_of(world: World, role: Role) -> str:
    if role is Role.NOBODY:
        return ""
    return tokens.give(world.site.accounts, world.accounts[role].reference)


def name(call: Call) -> str:
    return f"{call.method} {call.path}"


def path_of(call: Call, world: World) -> str:
    known = {"machine": world.places["machine"], "request": world.places["demande"]}
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "nothing"), call.path)


def ask(client: httpx.Client, call: Call, world: World) -> httpx.Response:
    body: dict[str, str] | None = {} if call.body else None
    return client.request(call.method, path_of(call, world), json=body)


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code and problem["detail"] and problem["title"]
    return str(problem["code"])


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("call", CALLS, ids=name)
def test_who_may_ask_and_what_they_see(own: World, call: Call, role: Role) -> None:
    """All that a member says is marked: no mark where `own` says that it is not theirs."""
    with (
        serving_app(whole(own.site, unbounded())) as url,
        program(url, token_of(own, role)) as client,
    ):
        answer = ask(client, call, own)
    if role is Role.NOBODY:
        assert (answer.status_code, code(answer)) == (401, "token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    elif role not in call.roles:
        assert (answer.status_code, code(answer)) == (403, "call_role")
    else:
        usual = OTHERWISE.get((call.name, None), call.status)
        assert answer.status_code == OTHERWISE.get((call.name, role), usual), answer.text
    seen = {mark for mark in MARKS if MARKS[mark] in answer.text}
    if role in call.roles and role in SEE_ALL:
        assert call.own is not Own.NOTHING or not seen
    elif role not in call.roles or call.own is not Own.SHARED:
        assert SOUTH not in seen
        assert not seen or (call.own is Own.WORKSHOP and role is Role.SUPERVISOR)


def test_the_marks_are_there_to_be_seen(world: World, api: str) -> None:
    with program(api, token_of(world, Role.COORDINATION)) as client:
        for path in ("/api/v1/stock?state=any", "/api/v1/members"):
            text = client.get(path).text
            assert all(mark in text for mark in MARKS.values()), path
        north = client.get(f"/api/v1/machines/{NORTH[:4]}0")
    assert north.status_code == 404  # numbers are written with their whole mark


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.NOBODY])
def test_a_cookie_opens_nothing(world: World, api: str, role: Role) -> None:
    with browser(api, world.secret(role)) as client:
        assert client.get("/compte").status_code == 200
        for call in CALLS:
            assert ask(client, call, world).status_code == 401
    with program(api, token_of(world, role)) as client:
        assert client.get("/compte").status_code == 303  # nor does a token open pages


def test_a_token_is_kept_as_a_hash_and_ends(own: World) -> None:
    book, account = own.site.accounts, own.accounts[Role.AUDITOR].reference
    kept = [tokens.give(book, account) for _ in range(2)]
    other = token_of(own, Role.DONOR)
    raw = b"".join(path.read_bytes() for path in book.folder.glob("hub.db*"))
    assert not any(token.removeprefix(tokens.PREFIX).encode() in raw for token in kept)
    with serving_app(whole(own.site)) as url:

        def opens(token: str) -> bool:
            return program(url, token).get("/api/v1/account").status_code == 200

        assert [opens(token) for token in (*kept, other)] == [True] * 3
        for wrong in ("etabli_", kept[0][:-1], kept[0] + "x", kept[0].upper(), "é", "x" * 5000):
            told = {b"Authorization": f"Bearer {wrong}".encode()}
            assert httpx.get(f"{url}/api/v1/account", headers=told).status_code == 401
        for scheme in ("Basic", "bearer", "BEARER"):
            told = {b"Authorization": f"{scheme} {kept[0]}".encode()}
            answer = httpx.get(f"{url}/api/v1/account", headers=told)
            assert answer.status_code == (401 if scheme == "Basic" else 200)
        assert tokens.counts(book)[account] == 2 == tokens.withdraw(book, account)
        assert [opens(token) for token in (*kept, other)] == [False, False, True]
        lost = tokens.give(book, account)
        book.link(account)  # whoever lost something asks for a link
        assert not opens(lost)
        book.remove(own.accounts[Role.DONOR].reference)
        assert not opens(other)


def test_who_asks_too_much_waits(own: World) -> None:
    limits = Limits(Limit(5, 60), Limit(3, 60))
    token = token_of(own, Role.AUDITOR)
    with serving_app(whole(own.site, limits)) as url:
        with program(url, token) as client:
            answers = [client.get("/api/v1/account") for _ in range(6)]
        assert [each.status_code for each in answers] == [200] * 5 + [429]
        assert code(answers[5]) == "busy"
        assert 0 < int(answers[5].headers["retry-after"]) <= 60
        wrong = [program(url, "etabli_no").get("/api/v1/account") for _ in range(4)]
        assert [each.status_code for each in wrong] == [401, 401, 401, 429]


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ("GET /api", 404, "path"),
        ("GET /api/", 404, "path"),
        ("GET /api/v1/nothing", 404, "path"),
        ("GET /api/v1/machines/nothing", 404, "path"),
        (f"GET /api/v1/machines/{'x' * 129}", 404, "path"),
        ("GET /api/v1/requests/nothing", 404, "request_unknown"),
        ("GET /api/v1/figures?workshop=nothing", 404, "path"),
        ("DELETE /api/v1/stock", 405, "method"),
        ("POST /api/openapi.json", 405, "method"),
        ("GET /api/v1/stock?limit=0", 400, "query"),
        ("GET /api/v1/stock?limit=many", 400, "query"),
        ("GET /api/v1/stock?nothing=1", 400, "query"),
        ("GET /api/v1/stock?text=a&text=b", 400, "query"),
        ("GET /api/v1/stock?memory_mib=99999999999999999999999", 400, "query"),
        ("GET /api/v1/requests?closed=perhaps", 400, "query"),
    ],
)
def test_what_is_asked_wrongly(world: World, api: str, asked: str, status: int, why: str) -> None:
    method, _, path = asked.partition(" ")
    with program(api, token_of(world, Role.COORDINATION)) as client:
        answer = client.request(method, path)
    assert (answer.status_code, code(answer)) == (status, why)
    assert (status == 405) == ("allow" in answer.headers)
    assert bool(answer.json().get("reason")) == (why == "query")


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 400, "call_body"),
        (b"{", 400, "call_body"),
        (b"[]", 400, "call_body"),
        (b"[" * 30_000, 400, "call_body"),
        (b'{"quantity": 0}', 400, "call_body"),
        (b'{"quantity": "2"}', 400, "call_body"),
        (b'{"nothing": 1}', 400, "call_body"),
        (b'{"deadline": "soon"}', 400, "call_body"),
        (b'{"kind": "\\ud800"}', 400, "call_body"),
        (b'{"kind": "ship"}', 400, "request_kind"),
        (b'{"deadline": "2026-02-30"}', 400, "request_day"),
        (b'{"deadline": "2020-01-01"}', 400, "request_past"),
        (b" " * (65 << 10), 413, "body_size"),
    ],
)
def test_a_body_that_is_not_what_is_described(
    world: World, api: str, body: bytes, status: int, why: str
) -> None:
    with program(api, token_of(world, Role.PRESCRIBER)) as client:
        told = {"Content-Type": "application/json"}
        answer = client.post("/api/v1/requests", content=body, headers=told)
        assert (answer.status_code, code(answer)) == (status, why)
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = client.post("/api/v1/requests", content=b"{}", headers={"Content-Type": kind})
            assert (answer.status_code, code(answer)) == (415, "call_kind")
        assert client.get("/api/v1/requests").json()["count"] == 0  # nothing was noted


def test_refusals_speak_the_language_of_who_asks(api: str) -> None:
    said = [
        httpx.get(f"{api}/api/v1/stock", headers={"Accept-Language": each}).json()["detail"]
        for each in ("fr", "en")
    ]
    assert said[0].startswith("Il faut un jeton") and said[1].startswith("A valid token")


@pytest.mark.parametrize("call", CALLS, ids=name)
def test_headers_of_every_answer(world: World, api: str, call: Call) -> None:
    with program(api, token_of(world, Role.DONOR)) as client:
        answers = [ask(client, call, world), client.request("DELETE", call.path)]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers and "set-cookie" not in answer.headers
        assert not [each for each in answer.headers if each.startswith("access-control")]


def test_the_table_is_all_there_is(world: World) -> None:
    served = [
        (route.path, method)
        for route in application(world.site).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    ]
    table = [(call.path, call.method) for call in CALLS]
    assert sorted(served) == sorted([*table, (openapi.PATH, "GET")])
    assert len(application(world.site).routes) == len({path for path, _ in served})
    assert len({call.name for call in CALLS}) == len(CALLS)
    for call in CALLS:
        assert call.roles and Role.NOBODY not in call.roles, name(call)
        assert call.path.startswith(f"{app.UNDER}/v1/")
        assert call.body is None or call.method == "POST"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_description_is_of_the_table(api: str, language: str) -> None:
    told = httpx.get(f"{api}/api/openapi.json", headers={"Accept-Language": language}).json()
    assert told["openapi"] == "3.1.0"
    described = {
        (path, method.upper()): operation
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
    }
    assert described.keys() == {(call.path, call.method) for call in CALLS}
    for call in CALLS:
        operation = described[call.path, call.method]
        assert operation["operationId"] == call.name
        assert not operation["summary"].startswith("hub.api")  # its words are there
        assert set(operation["responses"]) >= {str(call.status), "401", "403", "429"}
    refs = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told))
    assert set(refs) <= told["components"]["schemas"].keys()


def test_pages_follow_each_other_and_are_the_readers(world: World, api: str) -> None:
    with world.site.reading() as log:
        every = [line.device for line in stock.search(log, Wanted(state="")).lines]
    found: list[str] = []
    with program(api, token_of(world, Role.AUDITOR)) as client:
        after = ""
        while True:
            told = client.get("/api/v1/stock", params={"state": "any", "limit": 2, "after": after})
            part = told.json()
            assert part["count"] == len(every) and len(part["machines"]) <= 2
            found += [machine["device"] for machine in part["machines"]]
            if not (after := part["after"]):
                break
    assert found == every and len(every) > 4


def test_requests_from_making_to_closing(own: World) -> None:
    with serving_app(whole(own.site, unbounded())) as url:
        asker = program(url, token_of(own, Role.PRESCRIBER))
        made = [
            asker.post("/api/v1/requests", json={"kind": "laptop", "quantity": count})
            for count in (1, 2, 3)
        ]
        assert [each.status_code for each in made] == [201] * 3
        assert all(asker.get(each.headers["location"]).json() == each.json() for each in made)
        first = asker.get("/api/v1/requests", params={"limit": 2}).json()
        last = asker.get("/api/v1/requests", params={"limit": 2, "after": first["after"]}).json()
        names = [each["request"] for each in first["requests"] + last["requests"]]
        assert sorted(names) == sorted(each.json()["request"] for each in made)
        assert (first["count"], last["after"]) == (3, "")
        closed = asker.post(f"{made[0].headers['location']}/close", json={"outcome": "served"})
        assert closed.json()["outcome"] == "withdrawn"  # a prescriber only takes it back
        again = asker.post(f"{made[0].headers['location']}/close", json={})
        assert (again.status_code, code(again)) == (400, "request_closed")
        assert asker.get("/api/v1/requests").json()["count"] == 2
        assert asker.get("/api/v1/requests?closed=true").json()["count"] == 3
        other = program(url, token_of(own, Role.COORDINATION))
        named = {"organisation": "Mission locale", "contact": "03 00"}
        told = other.post("/api/v1/requests", json=named).json()
        assert told["name"] == "Mission locale"
        assert asker.get(f"/api/v1/requests/{told['request']}").status_code == 404


@pytest.mark.long
def test_a_token_by_the_command(tmp_path: Path) -> None:
    hub = processes.start(tmp_path)
    try:
        etabli(tmp_path, "hub", "account", "add", "Robot", "--role", "auditor")
        made = etabli(tmp_path, "hub", "account", "token", "robot")
        assert made.returncode == 0, made.stderr
        token = made.stdout.splitlines()[-1]
        assert program(hub.pages, token).get("/api/v1/account").json()["name"] == "Robot"
        assert "1 jeton" in etabli(tmp_path, "hub", "account", "list").stdout
        gone = etabli(tmp_path, "hub", "account", "token", "Robot", "--revoke")
        assert gone.stdout == "1 jeton retiré à Robot.\n"
        assert program(hub.pages, token).get("/api/v1/account").status_code == 401
        assert httpx.get(f"{hub.pages}/entrer").status_code == 200
    finally:
        hub.stop()
