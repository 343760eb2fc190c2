"""What a bench that keeps nothing has written goes to its workshop by itself, or is said."""

from __future__ import annotations

import argparse
import os
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.commands import screens
from bench.guide.sending import Unsent
from bench.opening.context import Context
from bench.records import joining, log
from bench.records.day.notices import unsynced_events
from bench.records.signed import keys
from bench.setup import live
from bench.setup.datafolder import DataFolder
from bench.upkeep import sending
from bench.upkeep.sending import MARK, Sending
from bench.workbench.bench import Workbench
from tests import forge
from tests.unit.exchange.parties import visit
from tests.unit.exchange.serving import serving

ROOT = Path(__file__).resolve().parents[3]


def until(true: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, f"never: {why}"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LOOK_S", 0.02)
    monkeypatch.setattr(sending, "AGAIN_S", 3600.0)
    monkeypatch.setattr(sending, "SOON_S", 3600.0)


@pytest.fixture
def shop(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "shop")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    data = DataFolder(tmp_path / "bench", "stick")
    return Context(data, random=forge.Noise("b"))


def join(bench: log.Log, shop: log.Log) -> None:
    workshop = keys.load(shop.store.path.parent / "keys" / "workshop.key")
    raw = joining.request(bench, "Lens, poste 7")
    answer = joining.admit(shop, workshop, raw, heard=bench.key.fingerprint)
    joining.join(bench, answer, heard=workshop.fingerprint)


@pytest.mark.long
def test_each_visit_is_sent_and_what_is_not_is_marked(
    tmp_path: Path, shop: log.Log, context: Context
) -> None:
    bench = context.open_log()
    join(bench, shop)
    urls: list[str] = []
    opened = partial(context.open_log, record_jobs=False)
    own, marked = Sending(context.data.path, opened, lambda: list(urls)), context.data.path / MARK
    own.start()
    try:
        with serving(tmp_path / "shop") as (_, url):
            until(lambda: own.mark == "unsent", "no server yet")
            assert not marked.exists() and own.unsent() == Unsent(0, True)  # nothing was done yet
            visit(bench, "A6")
            until(marked.exists, "marked")
            assert own.unsent() == Unsent(5, True)
            told = own.send()
            assert not told.ok and "aucun serveur" in told.text.lower()
            urls.append(url)
            own.wake()
            until(lambda: own.mark == "sent", "the first visit is sent")
            assert not marked.exists() and unsynced_events(bench) == 0
            visit(bench, "A7")
            until(lambda: own.mark == "unsent", "another visit")
            assert marked.exists() and own.unsent().count == 2
            own.wake()
            until(lambda: own.mark == "sent", "it is sent too")
            visit(bench, "A8")
            assert own.send().ok and own.unsent().count == 0
        visit(bench, "A9")  # the server is gone
        own.wake()
        until(lambda: own.mark == "unsent", "gone")
        assert not own.send().ok and own.unsent().count == 2
    finally:
        own.close()
        bench.store.close()
    rows = shop.store.query("SELECT asset FROM machine ORDER BY asset")
    assert [asset for (asset,) in rows] == ["A6", "A7", "A8"]


def test_after_a_while_it_is_tried_again_unasked(
    tmp_path: Path, shop: log.Log, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AGAIN_S", 0.1)
    monkeypatch.setattr(sending, "SOON_S", 0.1)
    bench = context.open_log()
    join(bench, shop)
    looks: list[int] = []
    with serving(tmp_path / "shop") as (_, url):

        def find() -> list[str]:
            looks.append(1)
            return [url] if len(looks) > 2 else []

        own = Sending(context.data.path, context.open_log, find)
        own.start()
        try:
            until(lambda: own.mark == "sent", "tried again")
            visit(bench, "A7")  # nobody says that it ended
            rows = "SELECT 1 FROM machine"
            until(lambda: bool(shop.store.query(rows)), "sent soon")
        finally:
            own.close()
    bench.store.close()


def test_a_bench_alone_sends_to_nobody_and_says_that_nothing_is_kept(
    tmp_path: Path, shop: log.Log, context: Context
) -> None:
    bench = context.open_log()
    looks: list[int] = []

    def find() -> list[str]:
        looks.append(1)
        return []

    own = Sending(context.data.path, context.open_log, find)
    own.start()
    try:
        visit(bench, "A1")
        own.wake()
        until((context.data.path / MARK).exists, "marked")
        assert own.mark == "volatile" and own.unsent() == Unsent(4, False)
    finally:
        own.close()
    assert not looks
    bench.store.close()


def test_the_power_button_waits_once_while_records_are_here_alone(tmp_path: Path) -> None:
    """The stick's own script, with a systemctl that only writes down what it was asked."""
    tools, run = tmp_path / "tools", tmp_path / "run"
    (run / "data" / "etabli").mkdir(parents=True)
    tools.mkdir()
    said = tmp_path / "said"
    fake = tools / "systemctl"
    fake.write_text(f'#!/bin/sh\n[ "$1" = poweroff ] && echo off >>{said}\nexit 0\n')
    fake.chmod(0o755)

    def press() -> bool:
        said.unlink(missing_ok=True)
        environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}
        subprocess.run(
            ["sh", str(ROOT / "live/system/power"), str(run)], env=environment, check=True
        )
        return said.exists()

    assert press()
    (run / "data" / "etabli" / MARK).touch()
    assert not press() and (run / Path(live.SWITCHED).name).exists()
    assert press()  # asked again: it is meant
    old = time.time() - 60
    os.utime(run / Path(live.SWITCHED).name, (old, old))
    assert not press()  # that was another time
    (run / "data" / "etabli" / MARK).unlink()
    assert press()


def test_the_screens_of_a_bench_that_keeps_nothing_send_and_watch_the_button(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    button = tmp_path / "off-asked"
    shown: list[str] = []

    def show(bench: Workbench, **told: Any) -> int:
        """The screens, as far as they are asked here."""
        own, mark, switched = bench.sending, told["mark"], told["switched"]
        assert own is not None and mark() == own.mark and not switched()
        button.touch()
        assert switched() and not switched()
        visit(bench.log, "A1")
        until(lambda: own.unsent() == Unsent(4, False), "seen")
        shown.append(mark())
        return 0

    monkeypatch.setattr(live, "volatile", lambda runner: True)
    monkeypatch.setattr(live, "SWITCHED", str(button))
    monkeypatch.setattr("bench.console.app.run", show)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(
        "sys.stdout", SimpleNamespace(isatty=lambda: True, fileno=lambda: 1, write=len, flush=list)
    )
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    arguments = argparse.Namespace(demo=False, lang=None)
    before = set(threading.enumerate())  # lanes of other tests bear the same name
    assert screens.run(arguments, context) == 0
    assert shown == ["volatile"]
    names = {thread.name for thread in set(threading.enumerate()) - before}
    assert "sending" not in names
