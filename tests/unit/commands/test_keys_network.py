"""`etabli keys` over the network: asked at the server, admitted by what was heard, joined."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.casefile.numbers import next_asset
from bench.commands import keys as command
from bench.exchange import push
from bench.hub import discovery
from bench.records import joining, log
from bench.records.signed import keys
from bench.setup.settings import Settings
from tests import forge
from tests.unit.exchange.parties import visit
from tests.unit.exchange.serving import serving


def run(folder: Path, *words: str) -> int:
    return main(["--data", str(folder), *words])


@pytest.fixture
def shop(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "shop")


def heard(store: log.Log) -> str:
    return keys.load(store.store.path.parent / "keys" / "workshop.key").fingerprint


@pytest.mark.long
def test_a_bench_asks_at_the_server_and_joins_from_there(
    tmp_path: Path, shop: log.Log, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = tmp_path / "bench"
    own = log.open_bench(bench, forge.Clock(), forge.Noise("b"), name="b")
    with serving(tmp_path / "shop") as (_, url):
        assert run(bench, "keys", "request", "--send", url, "--name", "Lens \x1b[2J, poste 2") == 0
        told = capsys.readouterr().out
        assert url in told and own.key.fingerprint in told
        assert run(bench, "keys", "join", "--from-network", url, "--heard", heard(shop)) == 1
        assert run(tmp_path / "shop", "keys", "waiting") == 0
        told = "".join(capsys.readouterr())
        assert "poste 2" in told and "\x1b" not in told
        assert own.key.fingerprint not in told  # it is heard, not copied from here
        assert run(tmp_path / "shop", "keys", "waiting", "--json") == 0
        (waits,) = json.loads(capsys.readouterr().out)
        assert waits["bench"] == own.key.id and waits["address"] == "127.0.0.1"
        # A slip, and a bench that never asked.
        slip = own.key.fingerprint[:-1] + str((int(own.key.fingerprint[-1]) + 1) % 10)
        assert run(tmp_path / "shop", "keys", "admit", "--heard", slip) == 2
        assert run(tmp_path / "shop", "keys", "admit", "--heard", own.key.fingerprint) == 0
        assert run(tmp_path / "shop", "keys", "waiting") == 0
        capsys.readouterr()
        assert run(bench, "keys", "join", "--from-network", url) == 3  # nobody was heard
        assert heard(shop) not in "".join(capsys.readouterr())
        wrong = own.key.fingerprint
        assert run(bench, "keys", "join", "--from-network", url, "--heard", wrong) == 3
        assert run(bench, "keys", "join", "--from-network", url, "--heard", heard(shop)) == 0
        assert not (bench / joining.REQUEST).exists()
        assert run(bench, "push", url) == 0
    assert own.store.known().bench(own.key.id).workshop == shop.store.known().workshop(shop.key.id)


def test_a_bench_that_was_heard_before_it_asks_is_waited_for(
    tmp_path: Path,
    shop: log.Log,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bench = tmp_path / "bench"
    own = log.open_bench(bench, forge.Clock(), forge.Noise("b"), name="b")
    monkeypatch.setattr(command, "AWAITED_S", 0.0)
    words = ("keys", "admit", "--heard", own.key.fingerprint)
    assert run(tmp_path / "shop", *words) == 3
    with serving(tmp_path / "shop") as (_, url):
        asked = []

        def sleep(_: float) -> None:
            asked.append(run(bench, "keys", "request", "--send", url))

        monkeypatch.setattr(command, "AWAITED_S", 600.0)
        monkeypatch.setattr(time, "sleep", sleep)
        assert run(tmp_path / "shop", *words) == 0
        assert asked == [0]
        assert run(bench, "keys", "join", "--from-network", url, "--heard", heard(shop)) == 0


def test_where_no_server_is_found_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(discovery, "find", list)
    assert run(tmp_path / "bench", "keys", "request", "--send") == 4
    assert "aucun serveur" in capsys.readouterr().err
    for words in (("request",), ("join",), ("admit", str(tmp_path), "--heard", "1")):
        assert run(tmp_path / "bench", "keys", *words) == 2
        assert "--" in capsys.readouterr().err


@pytest.mark.long
def test_a_bench_that_kept_nothing_goes_on_after_the_numbers_the_workshop_knows(
    tmp_path: Path, shop: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started anew each day with the same number, it would number two machines alike."""
    monkeypatch.setattr("bench.hub.waiting.PACE_S", 0.0)
    settings = Settings(bench=7)
    with serving(tmp_path / "shop") as (_, url):
        given: list[str] = []
        for day in ("monday", "tuesday"):
            folder = tmp_path / day
            own = log.open_bench(folder, forge.Clock(), forge.Noise(day), name=day)
            assert run(folder, "keys", "request", "--send", url) == 0
            heard_here = own.key.fingerprint
            assert run(tmp_path / "shop", "keys", "admit", "--heard", heard_here) == 0
            words = ("--from-network", url, "--heard", heard(shop))
            assert run(folder, "keys", "join", *words) == 0
            for _ in range(2):
                given.append(next_asset(own, settings))
                visit(own, given[-1])
            push.push(own, url)
            own.store.close()
    assert [asset[5:11] for asset in given] == ["070001", "070002", "070003", "070004"]
