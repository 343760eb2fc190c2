"""Notices by mail: told once an hour at most, of how many and no more, by a real mail server."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from bench.__main__ import main
from bench.hub import access, backup, mailing
from bench.hub.access import changing
from bench.hub.accounts import mail, webhooks
from bench.hub.accounts.mail import Mail, Server
from bench.hub.accounts.roles import Role
from bench.hub.mailing import Mailing
from bench.hub.mails import delivery
from bench.hub.mails.notices import OFFERED
from bench.hub.pages.page import Site
from bench.records.errors import RecordsError
from bench.stock import transfers
from tests import forge
from tests.unit.hub import processes, smtp_server
from tests.unit.hub.smtp_server import MailServer
from tests.unit.hub.test_commands import etabli
from tests.unit.hub.test_sharing import Shared, shared
from tests.unit.hub.world import (
    MARKS,
    NORTH,
    NOW,
    PASSWORD,
    SOUTH,
    World,
    browser,
    serving_pages,
    token_in,
)

__all__ = ["shared"]  # a fixture
BASE = "https://reseau.example"


def by(port: int = 25, **more: object) -> Server:
    told = Server("127.0.0.1", port, "none", "", "", "reseau@etabli.example", BASE, 7)
    return mail.checked(Server(**(told._asdict() | more)))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with smtp_server.running(tmp_path / "took") as made:
        yield made


def newest(site: Site) -> int:
    with site.reading() as log:
        ((count,),) = log.store.query("SELECT max(n) FROM event")
    return int(count)


def opted(world: World, role: Role, *kinds: str, address: str = "") -> str:
    """An account that confirmed an address; gives the address."""
    account = world.accounts[role].reference
    told = address or f"{role}@etabli.example"
    wanted = mail.Address(account, told, kinds or OFFERED[role], "fr", b"", 0.0, 0, 0.0, {}, "")
    mail.ask(world.site.accounts, wanted, "12345678", [])
    assert mail.confirm(world.site.accounts, account, "1234 5678", newest(world.site))
    return told


def content(took: EmailMessage) -> str:
    return str(took.get_content()).replace("\r\n", "\n")


def later(world: World, seconds: float) -> None:
    world.clock.later(seconds + 1)


def own_change(world: World, role: Role, change: str = "token") -> None:
    with world.site.log() as log, changing(log, world.accounts[role].reference, change):
        pass


def one(world: World) -> Mail:
    (found,) = rows(world.site)
    return found


def rows(site: Site) -> list[Mail]:
    with closing(sqlite3.connect(site.folder / "hub.db")) as db:
        return [Mail._make(row) for row in db.execute("SELECT * FROM mail ORDER BY address")]


# -- what is told ------------------------------------------------------------------


def test_each_role_is_told_what_is_its_own_and_how_many(
    shared: Shared,
    server: MailServer,
) -> None:
    world = shared.world
    mail.set_server(world.site.accounts, by(server.port), 0)
    for role in OFFERED:
        opted(world, role)
    log = shared.log()
    south = shared.devices[SOUTH]
    transfers.send(log, shared.member(NORTH), south[:1], workshop=shared.member(SOUTH))
    transfers.send(log, shared.member(NORTH), south[1:2], workshop=shared.member(SOUTH))
    transfers.send(log, shared.member(SOUTH), shared.devices[NORTH][:1])  # another's
    transfers.reserve(log, shared.own, south[2:])
    transfers.reserve(log, shared.others, shared.devices[NORTH][1:2])  # another's
    log.store.close()
    own_change(world, Role.DONOR, "password")
    Mailing(world.site).look()
    told = {str(each["To"]).partition("@")[0]: content(each) for each in server.took()}
    assert set(told) == {"coordination", "supervisor", "prescriber", "donor"}  # no news, no mail
    assert (
        "2 transferts attendent votre atelier.\n  https://reseau.example/transferts\n"
        in (told["supervisor"])
    )
    assert (
        "1 de vos demandes a des machines réservées.\n  https://reseau.example/demandes\n"
        in (told["prescriber"])
    )
    assert "  - mot de passe choisi\n  https://reseau.example/compte\n" in told["donor"]
    assert "demandent une main.\n  https://reseau.example/\n" in told["coordination"]
    assert not any("transfert" in told[role] for role in ("coordination", "prescriber", "donor"))
    log = shared.log()
    secrets = {
        name for row in log.store.query("SELECT device, asset, model FROM machine") for name in row
    }
    secrets |= {name for (name,) in log.store.query("SELECT name FROM bench")}
    secrets |= {account.name for account in world.accounts.values()}
    secrets |= {mark for mark in MARKS.values()} | {"request-of-others", "ref-", "Autres"}
    log.store.close()
    for text in told.values():
        assert not [secret for secret in secrets if secret and len(secret) > 2 and secret in text]
        assert set(re.findall(r"https?://[^/\s]+", text)) == {BASE}


def test_a_transfer_that_came_meanwhile_is_no_news(shared: Shared) -> None:
    world = shared.world
    mail.set_server(world.site.accounts, by(1), 0)
    opted(world, Role.SUPERVISOR, "transfer")
    log = shared.log()
    sent = transfers.send(
        log, shared.member(NORTH), shared.devices[SOUTH][:1], workshop=shared.member(SOUTH)
    )
    transfers.accept(log, sent, workshop=shared.member(NORTH))
    log.store.close()
    Mailing(world.site).look()
    assert rows(world.site) == []


def test_a_workshop_that_is_late_is_told_once_and_again_after_it_came_back(own: World) -> None:
    mail.set_server(own.site.accounts, by(1), 0)
    opted(own, Role.COORDINATION, "late")
    with own.site.log() as log:
        (bench,) = log.store.query("SELECT bench FROM bench WHERE name = ?", (NORTH,))[0]

        def bag(number: int) -> None:
            at = own.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            with log.store.transaction():
                log.store.db.conn.execute(
                    "INSERT INTO bag_in (sha256, sender, at, events, added, receipt)"
                    " VALUES (?, ?, ?, 1, 1, x'')",
                    (f"{number:064}", bench, at),
                )

        def looks() -> str:
            later(own, mail.EACH_S)
            Mailing(own.site).look()
            found = rows(own.site)
            for each in found:
                mail.arrived(own.site.accounts, each)
            return "".join(each.body for each in found)

        bag(1)
        assert looks() == ""
        later(own, 7 * 24 * 3600)
        assert "1 atelier n'a rien envoyé depuis 7 jours.\n  https://reseau.example/\n" in looks()
        assert looks() == ""
        bag(2)
        assert looks() == ""
        later(own, 7 * 24 * 3600)
        assert "1 atelier" in looks()


def test_what_another_hub_says_of_an_account_is_no_news(own: World) -> None:
    mail.set_server(own.site.accounts, by(1), 0)
    opted(own, Role.DONOR)
    stranger = forge.Bench("stranger", own.workshops[NORTH])
    told = {"of": own.accounts[Role.DONOR].reference, "change": "password"}
    with own.site.log() as log:
        log.store.add([*stranger.opened(), stranger.make(access.KIND, told)])
    Mailing(own.site).look()
    assert rows(own.site) == []


def test_no_news_from_before_and_none_that_was_not_asked_for(own: World) -> None:
    own_change(own, Role.DONOR)
    opted(own, Role.DONOR)
    own_change(own, Role.DONOR)  # no server yet
    mail.set_server(own.site.accounts, by(1), newest(own.site))
    opted(own, Role.COORDINATION, "late")
    own_change(own, Role.COORDINATION)
    Mailing(own.site).look()
    assert rows(own.site) == []
    later(own, mail.LOOK_S)
    own_change(own, Role.DONOR)
    own_change(own, Role.AUDITOR)
    Mailing(own.site).look()
    assert [each.address for each in rows(own.site)] == ["donor@etabli.example"]


# -- how often, and how long --------------------------------------------------------


def test_one_mail_an_hour_and_nothing_is_passed_over(own: World, server: MailServer) -> None:
    mail.set_server(own.site.accounts, by(server.port), 0)
    opted(own, Role.DONOR)
    for change in ("token", "password", "linked"):
        own_change(own, Role.DONOR, change)
        Mailing(own.site).look()
        later(own, mail.LOOK_S)
    assert len(server.took()) == 1
    later(own, mail.EACH_S)
    Mailing(own.site).look()
    (first, second) = server.took()
    assert "jeton" in content(first) and "mot de passe" not in content(first)
    assert "mot de passe choisi" in content(second) and "lien pour" in content(second)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["From"] == "reseau@etabli.example" and first["Auto-Submitted"] == "auto-generated"
    assert first["Subject"] == "Établi : du nouveau pour vous"


def test_one_that_was_taken_and_not_noted_goes_again_under_the_same_name(
    own: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.set_server(own.site.accounts, by(server.port), 0)
    opted(own, Role.DONOR)
    own_change(own, Role.DONOR)

    def cut(book: object, sent: Mail) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mail, "arrived", cut)
        with pytest.raises(KeyboardInterrupt):
            Mailing(own.site).look()
    Mailing(own.site).look()
    (first, second) = server.took()
    assert first["Message-ID"] == second["Message-ID"] and rows(own.site) == []


def test_it_is_tried_for_three_days_then_given_up_and_shown(own: World) -> None:
    mail.set_server(own.site.accounts, by(1), 0)  # nobody listens there
    opted(own, Role.DONOR)
    own_change(own, Role.DONOR)
    waits: list[float] = []
    begun = own.clock.now()
    while not waits or rows(own.site):
        own_change(own, Role.DONOR)  # more news meanwhile: one mail waits, no more
        Mailing(own.site).look()
        if found := rows(own.site):
            assert len(found) == 1 and "refused" in found[0].trouble
            waits.append(found[0].due - own.clock.now().timestamp())
            own.clock.later(waits[-1])
    assert waits[:7] == [60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0] and waits[-1] == 3600.0
    assert 3 * 24 < (own.clock.now() - begun).total_seconds() / 3600 < 3 * 24 + 2
    with serving_pages(own.site) as url, browser(url, own.secret(Role.DONOR)) as client:
        page = text(client.get("/compte/courriel"))
        assert "Le dernier courriel n'a pas été remis : personne ne répond" in page
    Mailing(own.site).look()
    assert len(rows(own.site)) == 1  # and what came meanwhile is told


def test_an_address_that_is_refused_holds_up_nobody(own: World, server: MailServer) -> None:
    mail.set_server(own.site.accounts, by(server.port), 0)
    addresses = {Role.DONOR: "hard@x.example", Role.AUDITOR: "soft@x.example"}
    for role in (Role.DONOR, Role.AUDITOR, Role.PRESCRIBER):
        opted(own, role, address=addresses.get(role, ""))
        own_change(own, role)
    Mailing(own.site).look()
    assert [each["To"] for each in server.took()] == ["prescriber@etabli.example"]
    waits = one(own)
    assert waits.address == "soft@x.example" and waits.trouble == "450 4.2.1 come again [31m"
    hard = mail.of(own.site.accounts, own.accounts[Role.DONOR].reference)
    assert hard and hard.trouble == "550 5.1.1 nobody of that name"


def test_a_backup_holds_no_mail_that_waits(own: World, tmp_path: Path) -> None:
    mail.set_server(own.site.accounts, by(1), 0)
    opted(own, Role.DONOR)
    own_change(own, Role.DONOR)
    Mailing(own.site).look()
    assert len(rows(own.site)) == 1
    with own.site.log() as log:
        backup.save(log, tmp_path / "hub.zip")
    restored = tmp_path / "restored"
    backup.restore(tmp_path / "hub.zip", restored, moment="m")
    with closing(sqlite3.connect(restored / "hub.db")) as db:
        assert db.execute("SELECT count(*) FROM mail").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM mail_address").fetchone() == (1,)


# -- the page ------------------------------------------------------------------------


def text(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


@pytest.fixture
def here(own: World) -> Iterator[str]:
    own.site.accounts.set_password(own.accounts[Role.DONOR].reference, PASSWORD)
    mail.set_server(own.site.accounts, by(1), 0)
    with serving_pages(own.site) as url:
        yield url


def said(world: World, role: Role) -> list[str]:
    with world.site.reading() as log:
        found = access.changes(log, world.accounts[role].reference)
    return [line.change for line in reversed(found)]


def test_an_account_chooses_confirms_and_erases(own: World, here: str) -> None:
    me = own.accounts[Role.DONOR].reference
    with browser(here, own.secret(Role.DONOR), Host="evil.example") as client:
        client.headers["Origin"] = "http://evil.example"  # what a Host header could do
        form = {"form": token_in(client.get("/compte/courriel")), "old": PASSWORD}
        wanted = form | {"address": "moi@x.example", "kind-security": "1", "kind-hands": "1"}
        assert client.post("/compte/courriel", data=wanted | {"old": "no"}).status_code == 403
        assert rows(own.site) == []
        assert client.post("/compte/courriel", data=wanted).status_code == 303
        sent = one(own)
        assert sent.address == "moi@x.example" and "evil" not in sent.body and BASE in sent.body
        code = re.findall(r"\b\d{8}\b", sent.body)[0]
        wrong = f"{(int(code) + 1) % 10**8:08}"
        codes = "/compte/courriel/code"
        assert client.post(codes, data=form | {"code": wrong}).status_code == 400
        assert mail.due(own.site.accounts) == [] and said(own, Role.DONOR) == []
        assert client.post(codes, data=form | {"code": code}).status_code == 303
        known = mail.of(own.site.accounts, me)
        assert known and known.confirmed and known.kinds == ("security",)  # a donor's, no other
        assert said(own, Role.DONOR) == ["mail_on"]
        mail.arrived(own.site.accounts, sent)
        other = wanted | {"address": "autre@x.example"}
        assert client.post("/compte/courriel", data=other).status_code == 303
        told = {each.address: each for each in rows(own.site)}
        assert set(told) == {"moi@x.example", "autre@x.example"}  # the one before is told
        assert "Prévenez la coordination" in told["moi@x.example"].body
        assert not mail.due(own.site.accounts)
        assert client.post("/compte/courriel/oter", data=form | {"old": ""}).status_code == 403
        assert client.post("/compte/courriel/oter", data=form).status_code == 303
        assert mail.of(own.site.accounts, me) is None and rows(own.site) == []
    assert said(own, Role.DONOR) == ["mail_on", "mail_off", "mail_off"]
    raw = b"".join(path.read_bytes() for path in own.site.folder.glob("hub.db*"))
    assert b"autre@x.example" not in raw


def test_who_unticks_the_own_safety_is_told_there_once_more(own: World, here: str) -> None:
    own.site.accounts.set_password(own.accounts[Role.SUPERVISOR].reference, PASSWORD)
    address = opted(own, Role.SUPERVISOR)
    with browser(here, own.secret(Role.SUPERVISOR)) as client:
        form = {"form": token_in(client.get("/compte/courriel")), "old": PASSWORD}
        kept = form | {"address": address, "kind-security": "1", "kind-transfer": "1"}
        assert client.post("/compte/courriel", data=kept).status_code == 303
        assert rows(own.site) == []
        less = form | {"address": address, "kind-transfer": "1"}
        assert client.post("/compte/courriel", data=less).status_code == 303
        assert one(own).address == address
        assert client.post("/compte/courriel", data=form | {"address": address}).status_code == 400


def test_a_code_is_tried_five_times_and_asked_for_three_times(own: World, here: str) -> None:
    with browser(here, own.secret(Role.DONOR)) as client:
        form = {"form": token_in(client.get("/compte/courriel")), "old": PASSWORD}
        wanted = form | {"address": "victime@x.example", "kind-security": "1"}
        told = [client.post("/compte/courriel", data=wanted).status_code for _ in range(4)]
        assert told == [303, 303, 303, 429]
        code = re.findall(r"\b\d{8}\b", one(own).body)[0]
        wrong = f"{(int(code) + 1) % 10**8:08}"
        for _ in range(5):
            client.post("/compte/courriel/code", data=form | {"code": wrong})
        assert client.post("/compte/courriel/code", data=form | {"code": code}).status_code == 400


def test_without_a_server_nothing_is_asked_for(own: World) -> None:
    own.site.accounts.set_password(own.accounts[Role.DONOR].reference, PASSWORD)
    with serving_pages(own.site) as url, browser(url, own.secret(Role.DONOR)) as client:
        page = client.get("/compte/courriel")
        assert "n'a pas réglé de serveur" in text(page) and 'name="address"' not in page.text
        form = {"form": token_in(client.get("/compte")), "old": PASSWORD}
        wanted = form | {"address": "a@x.example", "kind-security": "1"}
        assert client.post("/compte/courriel", data=wanted).status_code == 409


@pytest.mark.parametrize(
    "address",
    [
        *("", "x", "@x", "a@", "a@@x", "a b@x", "a@x\r\nBcc: b@x", "a@x\n", "a,b@x", "a;b@x"),
        *("<a@x>", "A <a@x>", '"a"@x', "a@x y", "é@x", "a@é", ".a@x", "a..b@x", "a@-x", "a@x-"),
        *("a@x..y", "a@[127.0.0.1]", f"{'a' * 65}@x", f"a@{'x' * 64}", f"a@{'x.' * 130}y", "a\0@x"),
    ],
)
def test_where_nothing_is_sent(address: str) -> None:
    assert not mail.is_address(address)
    with pytest.raises(RecordsError, match="mail_address"):
        by(25, sender=address)


@pytest.mark.parametrize("good", ["a@x", "a.b+c@x.example", "o'hara@x-y.example"])
def test_where_it_is(good: str) -> None:
    assert mail.is_address(good)


@pytest.mark.parametrize(
    "more, code",
    [
        ({"host": "x\r\ny"}, "mail_host"),
        ({"port": 0}, "mail_host"),
        ({"host": "mail.example"}, "mail_security"),  # without TLS, elsewhere
        ({"security": "ssl"}, "mail_security"),
        ({"user": "u"}, "mail_user"),
        ({"base": "http://reseau.example"}, "mail_base"),
        ({"base": "https://reseau.example/x"}, "mail_base"),
        ({"base": "https://a@reseau.example"}, "mail_base"),
        ({"base": "https://reseau.example\n"}, "mail_base"),
        ({"base": "javascript:alert(1)"}, "mail_base"),
        ({"late_days": 0}, "mail_days"),
    ],
)
def test_a_setting_that_will_not_do(more: dict[str, object], code: str) -> None:
    with pytest.raises(RecordsError, match=code):
        by(**more)  # type: ignore[arg-type]


def test_a_line_end_in_a_header_is_an_error_and_no_header() -> None:
    told = Mail("ab", "", "a@x.example", "Sujet\r\nBcc: b@x.example", "corps", 0, 0, 0, "")
    with pytest.raises(ValueError):
        delivery.message(by(25), told, NOW)
    (outcome,) = delivery.deliver(by(1), [told], NOW)
    assert outcome.trouble


# -- by the commands, with everything real ---------------------------------------------


@pytest.mark.long
def test_by_the_commands(own: World, tmp_path: Path, server: MailServer) -> None:
    folder, password = own.site.folder, tmp_path / "secret.txt"
    password.write_text("tres secret\n")
    words = ["hub", "mail", "set", "127.0.0.1", "--port", str(server.port), "--security", "none"]
    words += ["--sender", "reseau@etabli.example", "--url", BASE]
    named = [*words, "--user", "u", "--password-file", str(password)]
    assert etabli(folder, "hub", "mail", "test", "a@x.example").returncode == 2
    password.chmod(0o644)
    assert etabli(folder, *named).returncode == 2
    assert etabli(folder, *words).returncode == 0
    assert etabli(folder, "hub", "mail", "test", "hard@x.example").returncode == 4
    tried = etabli(folder, "hub", "mail", "test", "a@x.example")
    assert tried.returncode == 0, tried.stderr
    (took,) = server.took()
    assert took["To"] == "a@x.example"
    address = opted(own, Role.DONOR)
    hub = processes.start(folder)
    try:
        own_change(own, Role.DONOR)
        until = time.monotonic() + 60
        while len(server.took()) < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        hub.stop()
    assert server.took()[1]["To"] == address
    shown = etabli(folder, "hub", "mail", "show", "--json").stdout
    assert json.loads(shown)["server"]["host"] == "127.0.0.1" and json.loads(shown)["waiting"] == 0
    assert etabli(folder, "hub", "mail", "off").returncode == 0
    assert "n'a pas réglé" in etabli(folder, "hub", "mail", "show").stdout
    with own.site.reading() as log:
        told = [line.change for line in access.changes(log, "mail")]
    assert told == ["mail_server"] * 2


def test_who_looks_after_it_sees_what_did_not_arrive(
    own: World, capsys: pytest.CaptureFixture[str]
) -> None:
    mail.set_server(own.site.accounts, by(1), 0)
    opted(own, Role.DONOR)
    own_change(own, Role.DONOR)
    Mailing(own.site).look()
    mail.failed(own.site.accounts, one(own), "550 no", final=True)
    assert main(["hub", "mail", "show", "--data", str(own.site.folder)]) == 0
    assert "le donor : dernier courriel non remis (550 no)" in capsys.readouterr().out


def test_the_coordination_sees_at_home_what_does_not_arrive(own: World) -> None:
    book = own.site.accounts
    mail.set_server(book, by(1), 0)
    address = opted(own, Role.DONOR)
    own_change(own, Role.DONOR)
    Mailing(own.site).look()
    waits = one(own)
    hook = webhooks.add(book, "https://glpi.example/etabli", 0)

    def seen(role: Role = Role.COORDINATION) -> str:
        with serving_pages(own.site) as url, browser(url, own.secret(role)) as client:
            return html.unescape(client.get("/").text)

    mail.failed(book, waits, "connection refused", final=False)
    webhooks.note(book, hook._replace(tries=1, trouble="timeout"))
    assert "arrive" not in seen()  # a moment's absence is nobody's trouble
    webhooks.note(book, hook._replace(tries=4, trouble="timeout"))
    assert "Appel de glpi.example : « timeout »" in seen() and "1 message n'arrive pas" in seen()
    later(own, 7200)
    assert "« connection refused »" in seen() and "2 messages n'arrivent pas" in seen()
    mail.failed(book, one(own)._replace(made=book.now_s()), "550 <b>no", final=True)
    assert "« 550 <b>no »" in seen() and address not in seen()
    for other in (Role.SUPERVISOR, Role.AUDITOR):
        assert "« 550" not in seen(other)


def test_a_fault_of_ours_ends_no_thread(own: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The record cannot be read for a while: said once, and then it goes on."""
    over, looks = threading.Event(), 0

    class Faulty(Mailing):
        def look(self) -> None:
            nonlocal looks
            looks += 1
            if looks == 3:
                over.set()
            raise RecordsError("store_down")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailing, "LOOK_S", 0.01)
        Faulty(own.site).run(over)
    assert looks == 3 and capsys.readouterr().err.count("Traceback") == 1
