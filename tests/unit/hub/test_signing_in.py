"""Signing in and out: passwords, codes, links, sessions, and how often somebody may try."""

from __future__ import annotations

import base64
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from bench.hub.accounts import passwords, sessions, totp
from bench.hub.accounts.book import LINK_S
from bench.hub.accounts.limits import Limit, Tries, network_of
from bench.hub.accounts.roles import Role
from bench.hub.web.headers import safe_path
from bench.records.errors import RecordsError
from tests.unit.hub.conftest import EXPENSIVE
from tests.unit.hub.world import PASSWORD, World, browser, serving_pages, token_in

NAME = f"le {Role.COORDINATION}"


@pytest.fixture
def here(own: World) -> Iterator[str]:
    own.site.accounts.set_password(own.accounts[Role.COORDINATION].reference, PASSWORD)
    with serving_pages(own.site) as url:
        yield url


def enter(client: httpx.Client, password: str = PASSWORD, **more: str) -> httpx.Response:
    fields = {"form": token_in(client.get("/entrer")), "name": NAME, "password": password}
    return client.post("/entrer", data=fields | more)


def test_in_and_out(here: str) -> None:
    with browser(here) as client:
        client.get("/entrer")
        before = client.cookies["etabli"]
        answer = enter(client, name=NAME.upper(), back="/parc")
        assert (answer.status_code, answer.headers["location"]) == (303, "/parc")
        told = answer.headers["set-cookie"]
        assert "HttpOnly" in told and "SameSite=lax" in told and "Secure" not in told
        secret = client.cookies["etabli"]
        assert secret != before and len(secret) >= 43
        page = client.get("/parc")
        assert page.status_code == 200
        assert client.post("/sortir", data={"form": token_in(page)}).status_code == 303
        client.cookies.set("etabli", secret)  # kept by somebody
        assert client.get("/parc").status_code == 303


def test_behind_a_proxy_with_tls_the_cookie_is_bound_to_it(here: str) -> None:
    told = {"X-Forwarded-Proto": "https", "Origin": here.replace("http:", "https:")}
    with browser(here, **told) as client:
        page = client.get("/entrer")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-etabli=") and "Secure" in cookie
        client.headers["Cookie"] = cookie.partition(";")[0]
        fields = {"form": token_in(page), "name": NAME, "password": PASSWORD}
        answer = client.post("/entrer", data=fields)
        assert answer.status_code == 303 and "Secure" in answer.headers["set-cookie"]
        client.headers["Origin"] = here  # of the page without TLS: another site
        assert client.post("/entrer", data=fields).status_code == 403


WRONG: tuple[dict[str, str], ...] = (
    {"password": "not it"},
    {"password": ""},
    {"name": "nobody of that name"},
    {"name": f"le {Role.AUDITOR}", "password": ""},  # has no password yet
    {"name": f"le {Role.AUDITOR}"},
    {"name": "' OR 1=1 --"},
)


def test_one_answer_to_whatever_is_wrong(here: str) -> None:
    with browser(here) as client:
        for told in WRONG:
            answer = enter(client, **told)
            assert answer.status_code == 403
            assert "l&#39;un d&#39;eux n&#39;est pas le bon" in answer.text
            assert "not it" not in answer.text


def test_an_unknown_name_costs_a_password(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is the same: one argon2 verification, whether or not there is such an account."""
    looked: list[str] = []
    real = passwords.fits

    def watched(kept: str, password: str) -> bool:
        looked.append(kept)
        return real(kept, password)

    monkeypatch.setattr(passwords, "fits", watched)
    for name in (NAME, "nobody of that name"):
        assert own.site.accounts.signed(name, "wrong", "") is None
    assert looked == ["", ""]
    assert EXPENSIVE.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,")
    assert passwords.fits(passwords.hashed(PASSWORD), PASSWORD)
    assert not passwords.fits("", "") and not passwords.fits("no hash", PASSWORD)


def test_sessions_end_by_themselves(own: World, here: str) -> None:
    with browser(here, own.secret(Role.AUDITOR)) as client:
        for _ in range(3):
            own.clock.later(sessions.IDLE_S - 1)
            assert client.get("/").status_code == 200
        own.clock.later(sessions.IDLE_S + 1)
        assert client.get("/").status_code == 303
    secret = own.secret(Role.AUDITOR)
    with browser(here, secret) as client:
        for _ in range(sessions.LONGEST_S // sessions.IDLE_S + 1):
            assert sessions.whose(own.site.accounts, secret) is not None
            own.clock.later(sessions.IDLE_S - 1)
        assert client.get("/").status_code == 303  # however it was used


FORGED = (b"", b"x", b"A" * 43, b"A" * 5000, "é".encode(), b"0; etabli=1", b"' OR 1=1", b"\xff")


def test_forged_sessions_are_nobodys(here: str) -> None:
    with browser(here) as client:
        for forged in FORGED:
            answer = client.get("/", headers=[(b"Cookie", b"etabli=" + forged)])
            assert answer.status_code == 303


def test_the_file_holds_no_secret(own: World) -> None:
    account = own.accounts[Role.DONOR].reference
    secrets = [own.secret(Role.DONOR), own.site.accounts.link(account)]
    own.site.accounts.set_password(account, PASSWORD)
    secrets += [own.secret(Role.DONOR), PASSWORD]
    lying = b"".join(path.read_bytes() for path in own.site.folder.glob("hub.db*"))
    assert lying and not [secret for secret in secrets if secret.encode() in lying]
    assert {path.stat().st_mode & 0o077 for path in own.site.folder.glob("hub.db*")} == {0}


def test_who_is_removed_leaves_nothing(own: World) -> None:
    account = own.site.accounts.add("Wilhelmine Quatremère", "auditor")
    sessions.begin(own.site.accounts, account.reference)
    own.site.accounts.remove(account.reference)
    lying = b"".join(path.read_bytes() for path in own.site.folder.glob("hub.db*"))
    assert b"Wilhelmine" not in lying and account.reference.encode() not in lying
    with closing(sqlite3.connect(own.site.folder / "hub.db")) as db:
        assert not db.execute("SELECT 1 FROM session").fetchall()


def test_too_many_tries(own: World, here: str) -> None:
    own.site.tries = Tries()
    own.site.tries.of_name = Limit(3, 30)
    with browser(here) as client:
        assert [enter(client, "wrong").status_code for _ in range(4)] == [403, 403, 403, 429]
        late = enter(client)  # the right one waits too
        assert late.status_code == 429 and 1 <= int(late.headers["retry-after"]) <= 30
        assert enter(client, name="another").status_code == 403
        own.site.tries.of_address = Limit(1, 60)
        assert enter(client, name="a third").status_code == 403
        assert enter(client, name="a fourth").status_code == 429


def test_limits_forget_the_longest_unused_and_refill() -> None:
    now = 0.0
    limit = Limit(2, 10, lambda: now)
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 10]
    now = 10.0
    assert [limit.wait_s("a") for _ in range(2)] == [0, 10]
    limit.forgive("a")
    assert limit.wait_s("a") == 0
    assert network_of("2001:db8::1") == network_of("2001:db8::2") != network_of("2001:db8:0:1::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")


def test_a_link_chooses_a_password_once(own: World, here: str) -> None:
    account = own.accounts[Role.PRESCRIBER]
    stale = own.site.accounts.link(account.reference)
    token = own.site.accounts.link(account.reference)
    with browser(here) as client:
        assert client.get(f"/lien/{stale}").status_code == 404
        page = client.get(f"/lien/{token}")
        assert account.name in page.text
        for words, why in (("court", "10"), (PASSWORD + "x", "mêmes"), ("a" * 20, "simple")):
            fields = {"form": token_in(page), "password": words, "again": words}
            if why == "mêmes":
                fields["again"] = PASSWORD
            weak = client.post(f"/lien/{token}", data=fields)
            assert weak.status_code == 400 and why in weak.text
        fields = {"form": token_in(page), "password": PASSWORD, "again": PASSWORD}
        assert client.post(f"/lien/{token}", data=fields).headers["location"] == "/entrer"
        assert client.post(f"/lien/{token}", data=fields).status_code == 404
        assert enter(client, name=account.name).status_code == 303


def test_a_link_ends_after_two_days_and_ends_what_was_open(own: World) -> None:
    account = own.accounts[Role.DONOR].reference
    secret, token = own.secret(Role.DONOR), own.site.accounts.link(account)
    assert sessions.whose(own.site.accounts, secret) is None
    own.clock.later(LINK_S - 1)
    assert own.site.accounts.of_link(token) is not None
    own.clock.later(2)
    assert own.site.accounts.of_link(token) is None


def test_a_second_factor_from_its_offer_to_its_end(own: World, here: str) -> None:
    with browser(here) as client:
        enter(client)
        page = client.post("/compte/code", data={"form": token_in(client.get("/compte"))})
        secret = page.text.partition('name="secret" value="')[2].partition('"')[0]
        fields = {"form": token_in(page), "secret": secret, "old": PASSWORD}
        raw = base64.b32decode(secret)

        def code() -> str:
            return totp.code(raw, int(own.clock.now().timestamp() // totp.STEP_S))

        assert client.post("/compte/code/garder", data=fields | {"code": "000"}).status_code == 400
        wrong = fields | {"code": code(), "old": "x"}
        assert client.post("/compte/code/garder", data=wrong).status_code == 403
        kept = client.post("/compte/code/garder", data=fields | {"code": code()})
        assert kept.headers["location"] == "/compte?fait=second"
    with browser(here) as client:
        assert enter(client).status_code == 403
        assert enter(client, code=code()).status_code == 403  # used when it was kept
        own.clock.later(totp.STEP_S)
        assert enter(client, code=code()).status_code == 303
    with browser(here) as client:
        assert enter(client, code=code()).status_code == 403  # once
        own.clock.later(totp.STEP_S)
        assert enter(client, code=code()).status_code == 303
        form = {"form": token_in(client.get("/compte")), "old": PASSWORD}
        assert client.post("/compte/code/oter", data=form).headers["location"].endswith("dropped")
    with browser(here) as client:
        assert enter(client).status_code == 303


def test_a_code_typed_twice_at_once_lets_one_in(own: World) -> None:
    account, book = own.accounts[Role.COORDINATION], own.site.accounts
    book.set_password(account.reference, PASSWORD)
    secret = b"s" * totp.SECRET_BYTES
    step = int(own.clock.now().timestamp() // totp.STEP_S)
    assert book.set_totp(account.reference, secret, totp.code(secret, step - 1))
    code, got = totp.code(secret, step), []
    threads = [
        threading.Thread(target=lambda: got.append(book.signed(account.name, PASSWORD, code)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4 and sum(who is not None for who in got) == 1


def test_a_changed_password_ends_the_others(own: World, here: str) -> None:
    other = own.secret(Role.COORDINATION)
    with browser(here) as client:
        enter(client)
        form = {"form": token_in(client.get("/compte")), "old": PASSWORD}
        new = {"password": PASSWORD * 2, "again": PASSWORD * 2}
        assert (
            client.post("/compte/mot-de-passe", data=form | new | {"old": "x"}).status_code == 403
        )
        assert client.post("/compte/mot-de-passe", data=form | new).status_code == 303
        assert client.get("/compte").status_code == 200
    assert sessions.whose(own.site.accounts, other) is None


LEADS = {
    "/parc?a=1": "/parc?a=1",
    "//evil.example": "/",
    "/\\evil.example": "/",
    "https://evil.example": "/",
    "/a\r\nSet-Cookie: x": "/",
    "javascript:alert(1)": "/",
    "": "/",
    "/é": "/",
}


def test_signing_in_leads_nowhere_else(own: World, here: str) -> None:
    assert {told: safe_path(told) for told in LEADS} == LEADS
    with browser(here, own.secret(Role.AUDITOR)) as client:
        for told, gone in LEADS.items():
            for path in ("/entrer", "/langue/en"):
                answer = client.get(path, params={"retour": told})
                assert (answer.status_code, answer.headers["location"]) == (303, gone)
    with browser(here) as client:
        assert enter(client, back="//evil.example").headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "role", "more", "code"),
    [
        ("", "auditor", {}, "account_name"),
        ("a" * 81, "auditor", {}, "account_name"),
        ("a\x1bb", "auditor", {}, "account_name"),
        (NAME.upper(), "auditor", {}, "account_exists"),
        ("x", "nobody", {}, "account_role"),
        ("x", "supervisor", {}, "account_workshop"),
        ("x", "auditor", {"workshop": "ab"}, "account_workshop"),
        ("x", "donor", {}, "account_person"),
    ],
)
def test_accounts_that_are_not_made(
    own: World, name: str, role: str, more: dict[str, str], code: str
) -> None:
    with pytest.raises(RecordsError) as refused:
        own.site.accounts.add(name, role, **more)
    assert refused.value.code == code
    assert len(own.site.accounts.all()) == len(own.accounts)


def test_a_name_written_with_other_blanks_is_the_same_name(own: World) -> None:
    """Its tries are counted together: blanks must not give a guesser more of them."""
    account = own.accounts[Role.COORDINATION]
    answers = []
    with serving_pages(own.site) as url, browser(url) as client:
        for number in range(14):
            blanks = account.name.replace(" ", " " * (number + 1))
            form = {"form": token_in(client.get("/entrer")), "password": "x", "code": ""}
            answers.append(client.post("/entrer", data=form | {"name": blanks}).status_code)
    assert 429 in answers


@pytest.mark.parametrize("headers", [{"Origin": "http://[::"}, {"Origin": "http://]"}])
def test_a_head_that_is_no_address_is_refused(own: World, headers: dict[str, str]) -> None:
    with serving_pages(own.site) as url, browser(url) as client:
        client.headers.update(headers)
        answer = client.post("/entrer", data={"name": "x"})
    assert answer.status_code == 403
    assert "content-security-policy" in answer.headers
