"""What was given to whom on the hub's pages stays as signed events: by pages, by commands."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.hub import access
from bench.hub.accounts import totp
from bench.hub.accounts.roles import Role
from bench.records import log
from tests import forge
from tests.unit.hub.world import NORTH, NOW, PASSWORD, World, browser, serving_pages, token_in

ROLE = Role.COORDINATION


def said(world: World, of: str = "") -> list[tuple[str, str]]:
    """What was changed and by whom, in order."""
    with world.site.reading() as record:
        return [(line.change, line.by) for line in reversed(access.changes(record, of))]


@pytest.fixture
def here(own: World) -> Iterator[str]:
    own.site.accounts.set_password(own.accounts[ROLE].reference, PASSWORD)
    with serving_pages(own.site) as url:
        yield url


def test_what_somebody_changes_of_the_own_account_is_told_there(own: World, here: str) -> None:
    me = own.accounts[ROLE].reference
    secret = b"s" * totp.SECRET_BYTES
    right = totp.code(secret, int(own.clock.now().timestamp()) // totp.STEP_S)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    with browser(here, own.secret(ROLE)) as client:
        page = client.get("/compte")
        assert "Rien n'a été changé." in page.text.replace("&#39;", "'")
        form = {"form": token_in(page), "old": PASSWORD}
        keep = form | {"secret": base64.b32encode(secret).decode()}
        assert client.post("/compte/code/garder", data=keep | {"code": wrong}).status_code == 400
        assert said(own) == []
        assert client.post("/compte/code/garder", data=keep | {"code": right}).status_code == 303
        wrong_password = form | {"old": "not it"}
        assert client.post("/compte/code/oter", data=wrong_password).status_code == 403
        assert client.post("/compte/code/oter", data=form).status_code == 303
        new = form | {"password": PASSWORD[::-1], "again": PASSWORD[::-1]}
        assert client.post("/compte/mot-de-passe", data=new).status_code == 303
        told = client.get("/compte").text
    assert said(own) == [("second_on", me), ("second_off", me), ("password", me)]
    assert f"mot de passe choisi. Par {own.accounts[ROLE].name}." in told
    with browser(here, own.secret(Role.AUDITOR)) as client:
        assert "mot de passe choisi" not in client.get("/compte").text


def test_a_link_that_is_used_is_told(own: World, here: str) -> None:
    account = own.accounts[Role.AUDITOR].reference
    link = f"/lien/{own.site.accounts.link(account)}"
    with browser(here) as client:
        form = {"form": token_in(client.get(link)), "password": PASSWORD, "again": PASSWORD}
        assert client.post(link, data=form | {"again": "another"}).status_code == 400
        assert client.post(link, data=form).status_code == 303
    assert said(own, account) == [("password", account)]


def test_what_a_strange_bench_says_of_our_accounts_is_not_told(own: World) -> None:
    account = own.accounts[ROLE].reference
    stranger = forge.Bench("stranger", own.workshops[NORTH], clock=forge.Clock(NOW))
    told = stranger.make(access.KIND, {"of": account, "change": "password"})
    with own.site.log() as record:
        assert record.store.add([*stranger.opened(), told])
    assert said(own, account) == []


def test_what_fails_is_not_told(own: World) -> None:
    with (
        own.site.log() as record,
        pytest.raises(ZeroDivisionError),
        access.changing(record, "a1", "token"),
    ):
        raise ZeroDivisionError
    assert said(own) == []


def test_the_commands_tell_it_and_a_removed_name_is_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def etabli(*words: str) -> str:
        code = main(["hub", *words, "--data", str(tmp_path)])
        out = capsys.readouterr().out
        assert code == 0, out
        return out

    etabli("account", "add", "Wilhelmine", "--role", "auditor")
    refused = ["hub", "account", "add", "wilhelmine", "--role", "auditor"]
    assert main([*refused, "--data", str(tmp_path)]) != 0
    assert main([*refused[:3], "Anne", "--role", "king", "--data", str(tmp_path)]) != 0
    capsys.readouterr()
    etabli("account", "password", "Wilhelmine")
    etabli("account", "token", "Wilhelmine")
    etabli("account", "token", "Wilhelmine", "--revoke")
    lines = etabli("account", "history", "Wilhelmine").splitlines()
    assert len(lines) == 5 and "compte créé (Wilhelmine). Par une commande" in lines[-1]
    etabli("webhook", "add", "https://example.org/called")
    (hook,) = json.loads(etabli("webhook", "list", "--json"))
    etabli("webhook", "remove", hook["reference"])
    assert main(["hub", "webhook", "remove", "", "--data", str(tmp_path)]) != 0
    etabli("account", "remove", "Wilhelmine")
    told = json.loads(etabli("account", "history", "--json"))
    assert [line["change"] for line in reversed(told)] == [
        *("opened", "linked", "linked", "token", "tokens_withdrawn"),
        *("webhook_added", "webhook_removed", "removed"),
    ]
    assert "Wilhelmine" not in etabli("account", "history")
    record = log.open_bench(tmp_path, forge.Clock(NOW))
    try:
        assert record.verify().ok
    finally:
        record.store.close()
    lying = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Wilhelmine" not in lying
