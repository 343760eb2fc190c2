"""Every route with every role, from the table itself: a new route is tested because it is there."""

from __future__ import annotations

import html

import pytest
from starlette.routing import Route

from bench.hub.accounts import sessions
from bench.hub.accounts.roles import SEE_ALL, Role
from bench.hub.pages.app import application
from bench.hub.pages.draw import static_files
from bench.hub.pages.page import Own, Page, Takes
from bench.hub.pages.routes import PAGES
from bench.hub.web.headers import ALWAYS, FRAMED, READ_ANYWHERE
from bench.words.catalogue import say
from tests.unit.hub.world import MARKS, NORTH, SOUTH, World, browser, path_of

GETS = [page for page in PAGES if page.method == "GET"]
POSTS = [page for page in PAGES if page.method == "POST"]
# GET pages that have another answer than 200 for those who may come, and why.
OTHERWISE: dict[tuple[str, Role | None], int] = {
    ("/lien/{token}", None): 404,  # nobody's link
    ("/static/{digest}/{name}", None): 404,  # no such file
    ("/langue/{code}", None): 303,  # back to where it was chosen
    ("/machine/{machine}/{papier}", None): 404,  # none was made
    ("/machine/{machine}/photos/{photo}", None): 404,
    ("/m/{machine}/photos/{photo}", None): 404,
    ("/lots/{lot}", None): 404,
    ("/lots/{lot}/{papier}", None): 404,
    ("/mutualisation/{recueil}", None): 404,  # none was published
    ("/mutualisation/{recueil}/fichier", None): 404,
    ("/d/{secret}", None): 404,  # nobody's link
    ("/d/{secret}/{lot}/{papier}", None): 404,
    ("/m/{machine}", None): 404,  # it is still being worked on
    ("/machine/{machine}", Role.PRESCRIBER): 404,  # the same
    ("/demandes/{demande}", Role.PRESCRIBER): 404,  # another's
    **{("/entrer", role): 303 for role in Role if role is not Role.NOBODY},  # is in already
}


def name(page: Page) -> str:
    return f"{page.method} {page.path}"


def file_for(page: Page, called: str) -> dict[str, tuple[str, bytes]] | None:
    return {"bag": (called, b"x" if called else b"")} if page.takes is not Takes.FORM else None


def refused(text: str, code: str) -> bool:
    return html.escape(say(f"hub.refusal.{code}")).replace("&#x27;", "&#39;") in text


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", GETS, ids=name)
def test_who_may_open_a_page(world: World, url: str, page: Page, role: Role) -> None:
    with browser(url, world.secret(role)) as client:
        answer = client.get(path_of(page, world))
    if role in page.roles:
        expected = OTHERWISE.get((page.path, role), OTHERWISE.get((page.path, None), 200))
        assert answer.status_code == expected
        assert not refused(answer.text, "role")
    elif role is Role.NOBODY:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/entrer?retour=%2F")
    else:
        assert answer.status_code == 403
        assert refused(answer.text, "role")


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", POSTS, ids=name)
def test_who_may_send_a_form(world: World, url: str, page: Page, role: Role) -> None:
    """An empty one: it is refused for what it lacks, or for who sends it."""
    secret = world.secret(role) or sessions.new_secret()
    fields = {"form": sessions.form_token(secret)}
    with browser(url, secret) as client:
        answer = client.post(path_of(page, world), data=fields, files=file_for(page, ""))
    if role in page.roles:
        assert answer.status_code in (200, 303, 400, 403, 404)
        assert not refused(answer.text, "role") and not refused(answer.text, "form")
    elif role is Role.NOBODY:
        assert (answer.status_code, answer.headers["location"]) == (303, "/entrer")
    else:
        assert answer.status_code == 403
        assert refused(answer.text, "role")


@pytest.mark.long
@pytest.mark.parametrize("page", POSTS, ids=name)
@pytest.mark.parametrize("how", ["no token", "another's token", "elsewhere", "no origin", "null"])
def test_forms_that_are_not_ours(world: World, url: str, page: Page, how: str) -> None:
    role = next(role for role in Role if role in page.roles and role is not Role.NOBODY)
    secret = world.secret(role)
    token = {"no token": "", "another's token": sessions.form_token(world.secret(role))}
    fields = {"form": token.get(how, sessions.form_token(secret))}
    with browser(url, secret) as client:
        client.headers["Origin"] = {"elsewhere": "http://elsewhere", "null": "null"}.get(how, url)
        if how == "no origin":
            del client.headers["Origin"]
        answer = client.post(path_of(page, world), data=fields, files=file_for(page, "b.zip"))
        assert client.get("/compte").status_code == 200  # nobody was signed out
    assert answer.status_code == 403
    assert refused(answer.text, "form" if how.endswith("token") else "elsewhere")


def test_a_form_without_referrer_is_believed_with_fetch_metadata(world: World, url: str) -> None:
    """With `no-referrer` a browser writes `null` for the origin of its own form."""
    secret = world.secret(Role.AUDITOR)
    told = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    with browser(url, secret, **told) as client:
        answer = client.post("/sortir", data={"form": sessions.form_token(secret)})
        assert answer.status_code == 303
        assert client.get("/").headers["location"].startswith("/entrer")
    other = world.secret(Role.AUDITOR)
    with browser(url, other, Origin=url, **{"Sec-Fetch-Site": "cross-site"}) as client:
        assert client.post("/sortir", data={"form": sessions.form_token(other)}).status_code == 403


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", GETS, ids=name)
def test_what_a_role_sees_of_others(world: World, url: str, page: Page, role: Role) -> None:
    """All that a member says is marked: no mark where `own` says that it is not theirs."""
    with browser(url, world.secret(role)) as client:
        answer = client.get(path_of(page, world))
    text = answer.text
    seen = {mark for mark in MARKS if MARKS[mark] in text}
    download = answer.headers.get("content-disposition", "").startswith("attachment")
    assert download or "<script>" not in text  # what is saved runs nowhere; a CSV has bare names
    if role in SEE_ALL and role in page.roles:
        assert page.own is not Own.NOTHING or not seen
        return
    if page.own is Own.SHARED and role in page.roles:
        return
    assert SOUTH not in seen
    if page.own is not Own.WORKSHOP or role is not Role.SUPERVISOR:
        assert not seen


@pytest.mark.parametrize("path", ["/", "/parc"])
def test_the_marks_are_there_to_be_seen(world: World, url: str, path: str) -> None:
    for role, seen in ((Role.COORDINATION, {NORTH, SOUTH}), (Role.SUPERVISOR, {NORTH})):
        with browser(url, world.secret(role)) as client:
            text = client.get(path).text
        assert {mark for mark in MARKS if MARKS[mark] in text} == seen
        assert all(str(html.escape(mark, quote=False)).partition("'")[0] in text for mark in seen)


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_headers_of_every_answer(world: World, url: str, page: Page) -> None:
    with browser(url, world.secret(Role.COORDINATION)) as client:
        answers = [
            client.request(page.method, path_of(page, world)),
            client.request("DELETE", page.path),
        ]
        answers.append(client.get(f"{path_of(page, world)}/not/here"))
    for number, answer in enumerate(answers):
        the_page = number == 0
        expected: dict[str, str | None] = dict(ALWAYS)
        if the_page and page.framed:
            expected |= FRAMED | {"X-Frame-Options": None}
        assert {name: answer.headers.get(name) for name in ALWAYS} == expected
        anywhere = READ_ANYWHERE if the_page and page.read_anywhere else {}
        assert {n: v for n, v in answer.headers.items() if n.startswith("access-control")} == {
            name.lower(): value for name, value in anywhere.items()
        }
        assert "server" not in answer.headers
        kept = "public, max-age=600" if anywhere else "no-store"
        assert answer.headers["cache-control"] == kept
    assert [answer.status_code for answer in answers[1:]] == [405, 404]


def test_files_beside_pages_are_kept_by_their_hash(url: str) -> None:
    with browser(url) as client:
        for address, (body, kind) in static_files().items():
            answer = client.get(address)
            assert (answer.content, answer.headers["content-type"].partition(";")[0]) == (
                body,
                kind,
            )
            assert "immutable" in answer.headers["cache-control"]


def test_the_table_is_all_there_is(world: World) -> None:
    """No route goes round the table, and every page of it says who may come and what they see."""
    routes = application(world.site).routes
    assert all(isinstance(route, Route) for route in routes)
    served = [
        (route.path, method)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    ]
    assert sorted(served) == sorted((page.path, page.method) for page in PAGES)
    assert len(set(served)) == len(served)
    for page in PAGES:
        assert page.roles and page.roles <= set(Role), name(page)
        # What other sites show or read is what anybody may, the same for all.
        elsewhere = page.framed or page.read_anywhere
        assert not elsewhere or (page.roles == set(Role) and page.method == "GET")
        assert page.method in ("GET", "POST") and isinstance(page.own, Own)
        assert page.method == "POST" or page.takes is Takes.FORM
    with pytest.raises(TypeError):
        Page("GET", "/new", "new", PAGES[0].handler)  # type: ignore[call-arg]
