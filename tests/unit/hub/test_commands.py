"""`etabli hub account` and `etabli hub serve`, as somebody types them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bench.hub.accounts.roles import ACCOUNTS
from bench.records import log
from tests.unit.hub.test_deposit import ROOT, start
from tests.unit.hub.world import PASSWORD, browser, token_in

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "ETABLI_LANG": "fr"}


def etabli(folder: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """`before`: Python that runs first in the same process."""
    main = f"{before}\nimport sys\nfrom bench.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-P", "-c", main, *words, "--data", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=ENVIRONMENT,
    )


@pytest.mark.long
def test_an_account_from_its_link_to_its_end(tmp_path: Path) -> None:
    url, server = start(tmp_path)
    try:
        made = etabli(tmp_path, "hub", "account", "add", "Anne", "--role", "auditor", "--url", url)
        assert made.returncode == 0, made.stderr
        link = made.stdout.splitlines()[-1]
        assert link.startswith(f"{url}/lien/")
        listed = etabli(tmp_path, "hub", "account", "list").stdout
        assert listed == "Anne : contrôle (pas encore de mot de passe)\n"
        with browser(url) as client:
            fields = {"form": token_in(client.get(link)), "password": PASSWORD, "again": PASSWORD}
            assert client.post(link, data=fields).status_code == 303
            into = {"form": token_in(client.get("/entrer")), "name": "anne", "password": PASSWORD}
            assert client.post("/entrer", data=into).status_code == 303
            assert client.get("/parc").status_code == 200
            assert etabli(tmp_path, "hub", "account", "remove", "ANNE").returncode == 0
            assert client.get("/parc").status_code == 303
        assert etabli(tmp_path, "hub", "account", "list").stdout == "Aucun compte.\n"
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_start_says_what_to_do_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    words = ["hub", "serve", "--port", "0", "--intake-port", "0", "--quiet"]
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "bench", *words, "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert server.stdout and server.stderr
    said = [server.stdout.readline() for _ in range(3)]
    assert "etabli hub account add" in said[0]
    assert re.search(r"https://\S+:\d+$", said[1].strip())
    pages = said[2].split()[-1]
    assert httpx.get(f"{pages}/health").text == "ok\n"
    server.send_signal(number)
    assert server.wait(30) == 0
    assert server.stdout.read() == "" == server.stderr.read()


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_may_be_stopped_as_soon_as_it_speaks(tmp_path: Path, number: int) -> None:
    _, server = start(tmp_path)
    server.send_signal(number)
    assert server.wait(30) == 0


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = etabli(tmp_path, "hub", "serve", "--port", port, "--no-intake")
    assert refused.returncode == 4
    assert port in refused.stderr and len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("library", ["starlette", "uvicorn", "jinja2", "argon2"])
def test_without_the_extra_it_is_said_how_to_get_it(tmp_path: Path, library: str) -> None:
    without = f"import sys\nsys.modules[{library!r}] = None"
    refused = etabli(tmp_path, "hub", "serve", "--no-intake", before=without)
    assert refused.returncode == 4
    assert refused.stderr.strip().endswith("./etabli hub serve », ou installez etabli[hub].")


def test_the_intake_alone_needs_no_extra(tmp_path: Path) -> None:
    gone = "\n".join(f"sys.modules[{name!r}] = None" for name in ("starlette", "uvicorn", "argon2"))
    helped = etabli(
        tmp_path, "hub", "--help", before=f"import sys\n{gone}\nimport bench.hub.intake"
    )
    assert helped.returncode == 0 and "serve" in helped.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "x", "--role", "chef"], "le rôle chef n'existe pas"),
        (["add", "x", "--role", "supervisor", "--workshop", "zz"], "aucun atelier connu"),
        (["add", "x", "--role", "supervisor"], "un encadrant a un atelier"),
        (["remove", "x"], "aucun compte ne s'appelle x"),
        (["password", "x"], "aucun compte ne s'appelle x"),
    ],
)
def test_what_is_typed_wrongly(tmp_path: Path, words: list[str], said: str) -> None:
    refused = etabli(tmp_path, "hub", "account", *words)
    assert refused.returncode == 2
    assert said in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_a_demonstration_does_not_enter_a_true_record(tmp_path: Path) -> None:
    log.open_bench(tmp_path, log.SystemClock()).store.close()
    refused = etabli(tmp_path, "hub", "serve", "--demo", "--port", "0")
    assert refused.returncode == 3
    assert "démonstration" in refused.stderr


@pytest.mark.long
def test_a_demonstration_has_an_account_a_role_and_says_so_on_every_page(tmp_path: Path) -> None:
    words = ["hub", "serve", "--demo", "--port", "0", "--intake-port", "0"]
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "bench", *words, "--data", str(tmp_path / "demo")],
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert server.stdout
    said = [server.stdout.readline().strip() for _ in range(8)]
    try:
        names = [re.findall("« (\\w+) »", line)[0] for line in said[:5]]
        password, url = said[5].rpartition(" ")[2], said[7].rpartition(" ")[2]
        assert sorted(names) == sorted(role.value for role in ACCOUNTS)
        assert "127.0.0.1" in said[6]  # nobody else's benches are heard
        for name in names:
            with browser(url) as client:
                page = client.get("/entrer")
                assert "DÉMO" in page.text
                into = {"form": token_in(page), "name": name, "password": password}
                assert client.post("/entrer", data=into).status_code == 303
                assert "DÉMO" in client.get("/").text
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
