"""Mail servers that are real, wrong or hostile: proven by TLS, bounded, waited for by nobody."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.hub.accounts import mail
from bench.hub.accounts.mail import Mail, Server
from bench.hub.accounts.roles import Role
from bench.hub.mailing import Mailing
from bench.hub.mails import delivery
from bench.records.errors import RecordsError
from tests.unit.hub import smtp_server
from tests.unit.hub.smtp_server import PASSWORD, USER
from tests.unit.hub.test_mailing import by, opted, own_change, rows
from tests.unit.hub.web_servers import DAY, Authority
from tests.unit.hub.world import NOW, World, browser, serving_pages


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one that this computer believes."""
    made = Authority(tmp_path, "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return made


def told(address: str = "a@x.example", *, name: str = "ab") -> Mail:
    return Mail(name, "", address, "Établi : essai", "Voilà.\n.\nC'est tout.\n", 0, 0, 0, "")


def troubles(server: Server, *mails: Mail) -> list[str]:
    found = delivery.deliver(server, mails or [told()], NOW)
    assert len(found) == max(1, len(mails))
    return [each.trouble for each in found]


# -- who proves itself, and whom we prove ourselves to --------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_by_tls_and_a_password_from_its_file(
    tmp_path: Path, authority: Authority, security: str
) -> None:
    certificate, file = authority.signs("localhost"), tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    file.chmod(0o600)
    more = {"certificate": certificate, "auth": security == "starttls", "security": security}
    with smtp_server.running(tmp_path / "took", **more) as server:  # type: ignore[arg-type]
        user = {"user": USER, "password_file": str(file)} if more["auth"] else {}
        setting = by(server.port, host="localhost", security=security, **user)
        assert troubles(setting, told(), told("b@x.example", name="cd")) == ["", ""]
        first, second = server.took()
        assert first["Subject"] == "Établi : essai" and "\r\n.\r\n" in first.get_content()
        assert first["Message-ID"] == "<ab@etabli.example>" and second["To"] == "b@x.example"
        for path in server.folder.glob("*.json"):
            kept = json.loads(path.read_text())
            assert kept["tls"] == (security == "starttls")  # the other speaks nothing else
            assert kept["user"] == (USER if user else "")
        if user:
            file.write_text("another\n")
            (trouble,) = troubles(setting)
            assert trouble.startswith("535 ") and "another" not in trouble
            assert len(server.took()) == 2


@pytest.mark.parametrize("wrong", ["authority", "name", "over"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_does_not_prove_its_name_hears_nothing(
    tmp_path: Path, authority: Authority, security: str, wrong: str
) -> None:
    certificate = {
        "authority": lambda: Authority(tmp_path, "another").signs("localhost"),
        "name": lambda: authority.signs("elsewhere.example"),
        "over": lambda: authority.signs("localhost", left=-DAY),
    }[wrong]()
    with smtp_server.running(
        tmp_path / "took", security=security, certificate=certificate
    ) as server:
        (trouble,) = troubles(by(server.port, host="localhost", security=security))
        assert trouble.startswith("TLS: ") and server.took() == []


def test_one_that_speaks_no_tls_is_not_spoken_to_without(tmp_path: Path) -> None:
    """Whoever takes STARTTLS out of the line gets neither a mail nor the password."""
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    with smtp_server.running(tmp_path / "took") as server:
        setting = by(server.port, security="starttls", user=USER, password_file=str(file))
        (trouble,) = troubles(setting)
        assert "STARTTLS" in trouble and server.took() == []


def test_the_password_is_read_from_a_file_of_ones_own_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    setting = by(user="u", password_file=str(file))
    (tmp_path / "link").symlink_to(file)
    for content, mode, path in (
        (None, 0o600, file),
        (b"secret", 0o640, file),
        (b"secret", 0o604, file),
        (b"", 0o600, file),
        (b"\n", 0o600, file),
        (b"a\nb", 0o600, file),
        (b"\xff\xfe", 0o600, file),
        (b"x" * 5000, 0o600, file),
        (b"secret", 0o600, tmp_path / "link"),
        (b"secret", 0o600, tmp_path),
    ):
        if content is not None:
            file.write_bytes(content)
            file.chmod(mode)
        with pytest.raises(RecordsError, match="mail_password"):
            delivery.password_of(setting._replace(password_file=str(path)))
    file.write_bytes(b"secret\r\n")
    assert delivery.password_of(setting) == "secret"


# -- what only says something -----------------------------------------------------------


Talk = Callable[[socket.socket, threading.Event], None]


def _endless_greeting(line: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        line.sendall(b"220-" + b"x" * 60 + b"\r\n")


def _dripped(line: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.05):
        line.sendall(b"2")


def _silent(line: socket.socket, over: threading.Event) -> None:
    over.wait(60)


def _garbage(line: socket.socket, over: threading.Event) -> None:
    line.sendall(bytes(range(256)) * 20 + b"\r\n")
    over.wait(60)


def _long_line(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"220 " + b"x" * 20_000 + b"\r\n")
    over.wait(60)


def _hangs_up(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"220 hello\r\n")


def _busy(line: socket.socket, over: threading.Event) -> None:
    line.sendall(b"421 \x1b[2J\xe9 come back\r\n")


def _answers(last: bytes) -> Talk:
    """Says yes to all, and `last` to the mail."""

    def talk(line: socket.socket, over: threading.Event) -> None:
        line.sendall(b"220 hello\r\n")
        with line.makefile("rb") as file:
            in_data = False
            for said in file:
                if in_data and said != b".\r\n":
                    continue
                if in_data:
                    in_data = False
                    line.sendall(last)
                elif said.upper().startswith(b"DATA"):
                    in_data = True
                    line.sendall(b"354 go\r\n")
                else:
                    line.sendall(b"250 yes\r\n")

    return talk


@contextlib.contextmanager
def saying(talk: Talk) -> Iterator[int]:
    """A server that says this on each line; gives its port."""
    over = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listener.accept()
                line.settimeout(30)
                with line, contextlib.suppress(OSError):
                    talk(line, over)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(20)


HOSTILE = [_endless_greeting, _dripped, _silent, _garbage, _long_line, _hangs_up, _busy]


@pytest.mark.parametrize("talk", HOSTILE)
@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_whatever_it_says_is_a_word_of_trouble_in_time(
    monkeypatch: pytest.MonkeyPatch, talk: Talk, security: str
) -> None:
    monkeypatch.setattr(delivery, "CONNECT_S", 0.6)
    monkeypatch.setattr(delivery, "WHOLE_S", 0.6)
    with saying(talk) as port:
        begun = time.monotonic()
        found = troubles(by(port, security=security), told(), told("b@x.example", name="cd"))
        assert time.monotonic() - begun < 5
    assert all(each and each.isprintable() and len(each) <= 120 for each in found)


@pytest.mark.parametrize(
    "answer, trouble, final",
    [
        (b"250 ok\r\n", "", False),
        (b"451 not now\r\n", "451 not now", False),
        (b"554 never\r\n", "554 never", True),
        (b"550 <Anne@mail.example>: no such user\r\n", "550 <…>: no such user", True),
        (b"550 5.1.1 no anne@mail.example here\r\n", "550 5.1.1 no … here", True),
        (b"", "Connection unexpectedly closed", False),
        (b"abc\r\n", "-1 ", False),
    ],
)
def test_what_it_says_of_the_mail_itself(answer: bytes, trouble: str, final: bool) -> None:
    talk = _answers(answer)
    if not answer:

        def talk(line: socket.socket, over: threading.Event) -> None:
            with contextlib.suppress(OSError):
                line.sendall(b"220 hello\r\n")
                while b"DATA" not in line.recv(4096).upper():
                    line.sendall(b"250 yes\r\n")

    with saying(talk) as port:
        (outcome,) = delivery.deliver(by(port), [told()], NOW)
    assert outcome.trouble.startswith(trouble) and bool(outcome.trouble) == bool(trouble)
    assert outcome.final == final


def test_no_page_and_no_change_of_the_record_waits_for_it(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "WHOLE_S", 3.0)
    with saying(_dripped) as port, serving_pages(own.site) as url:
        mail.set_server(own.site.accounts, by(port), 0)
        opted(own, Role.DONOR)
        own_change(own, Role.DONOR)
        thread = threading.Thread(target=Mailing(own.site).look)
        thread.start()
        time.sleep(0.3)  # it hears the greeting now
        begun = time.monotonic()
        with browser(url, own.secret(Role.DONOR)) as client:
            assert client.get("/compte/courriel").status_code == 200
        own_change(own, Role.DONOR)
        with own.site.log() as log:
            log.append("note.added", {"text": "nobody waits"})
        assert time.monotonic() - begun < 2 and thread.is_alive()
        thread.join(20)
    assert rows(own.site)[0].trouble


def test_a_name_that_nobody_has_is_a_word_of_trouble(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("x")
    file.chmod(0o600)
    for host in ("no-such-host.invalid", "::1", "a..b", "-"):
        setting = by(1, host=host, security="tls", user="u", password_file=str(file))
        assert troubles(setting)[0]


def test_a_line_that_breaks_in_the_middle_leaves_the_rest_for_later() -> None:
    def first_only(line: socket.socket, over: threading.Event) -> None:
        line.sendall(b"220 hello\r\n")
        with line.makefile("rb") as file:
            in_data = False
            for said in file:
                if in_data:
                    if said == b".\r\n":
                        line.sendall(b"250 taken\r\n")
                        return
                elif in_data := said.upper().startswith(b"DATA"):
                    line.sendall(b"354 go\r\n")
                else:
                    line.sendall(b"250 yes\r\n")

    with saying(first_only) as port:
        first, second = troubles(by(port), told(), told(name="cd"))
    assert first == "" and second
