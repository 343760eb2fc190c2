"""Twenty benches push at once; their hub is killed fifty times and once put back from a backup.

Real stores, keys and TLS; the hub is a process of its own that dies as in a power cut. What a bench
was told is held must be there whenever the hub is: a bench that finds less says so (`lost`), which
may be after the restore alone, and then it is all sent again.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.exchange import push
from bench.hub import backup
from bench.records import audit, log
from bench.records.errors import RecordsError
from tests.unit.exchange.parties import register, visit
from tests.unit.hub.processes import Process, start_intake

BENCHES, KILLS, RESTORED_AT = 20, 50, 25
PATIENCE_S = 120.0  # for something to happen; far more than it takes
_here = threading.local()


@dataclass
class Bench:
    """A bench that works and pushes. `told`: up to which of its events the hub said it holds."""

    folder: Path
    address: str
    told: int = 0
    pushes: int = 0
    lost: list[int] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def opened(self) -> log.Log:
        return log.open_bench(self.folder, log.SystemClock(), os.urandom)

    def work(self, url: str, over: threading.Event) -> None:
        """Until it is over; a hub that is away is tried again a moment later."""
        _here.address = self.address
        own = self.opened()
        try:
            while not over.is_set():
                visit(own, f"{self.folder.name}-{self.pushes}")
                while not self.push(own, url) and not over.wait(random.uniform(0.2, 0.6)):
                    continue
                over.wait(random.uniform(0.1, 0.4))
        finally:
            own.store.close()

    def push(self, own: log.Log, url: str) -> bool:
        held = own.store.heads()[own.key.id][0][0]
        try:
            done = push.push(own, url)
        except RecordsError as error:
            self.failed[error.code] += 1
            return False
        self.pushes, self.told = self.pushes + 1, held
        assert (done.odd, done.ahead) == ((), False)
        if done.lost:
            self.lost.append(done.lost)
        return True


@pytest.fixture
def computers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bench speaks from an address of its own: a hub bounds what one computer may open."""
    create = socket.create_connection

    def from_there(address: tuple[str, int], timeout: float) -> socket.socket:
        return create(address, timeout, source_address=(_here.address, 0))

    monkeypatch.setattr(socket, "create_connection", from_there)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.01)


@pytest.mark.long
def test_no_acknowledged_bag_is_lost(tmp_path: Path, computers: None) -> None:
    chance, folder = random.Random(18), tmp_path / "hub"
    hub = log.open_bench(folder, log.SystemClock(), os.urandom)
    benches = [Bench(tmp_path / f"b{n}", f"127.0.1.{n + 1}") for n in range(BENCHES)]
    for bench in benches:
        own = bench.opened()
        register(hub, own)
        register(own, hub)
        own.store.close()
    register(hub, hub)
    hub.store.close()
    port, over = free_port(), threading.Event()
    url = f"https://127.0.0.1:{port}"
    process = start_intake(folder, port)
    threads = [threading.Thread(target=each.work, args=(url, over)) for each in benches]
    for thread in threads:
        thread.start()
    try:
        for number in range(KILLS):
            pushed = sum(bench.pushes for bench in benches)

            def go_on(before: int = pushed) -> bool:
                return sum(bench.pushes for bench in benches) >= before + 3

            wait_until("benches push again", go_on)
            if number == RESTORED_AT:
                process = restored(process, folder, tmp_path / "hub.zip", benches, port)
                continue
            time.sleep(chance.uniform(0, 0.2))
            process.kill()
            process = start_intake(folder, port)
        wait_until("each bench goes on", lambda: all(bench.pushes > 3 for bench in benches))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    for bench in benches:
        _here.address = bench.address
        own = bench.opened()
        assert bench.push(own, url), bench.failed
        assert push.push(own, url).events == 0
        own.store.close()
    process.stop()
    held = log.open_bench(folder, log.SystemClock(), os.urandom)
    heads = held.store.heads()
    for bench in benches:
        own = bench.opened()
        assert heads[own.key.id] == own.store.heads()[own.key.id]
        own.store.close()
    report = audit.verify(held.store)
    assert report.ok and report.events == held.store.count()
    held.store.close()
    cut = sum(sum(bench.failed.values()) for bench in benches)
    assert cut > KILLS  # it was killed while they spoke


def restored(process: Process, folder: Path, out: Path, benches: list[Bench], port: int) -> Process:
    """A backup while it serves; work that it does not hold; the computer dies; the backup is put
    back. Until then nothing was lost, and after it all that was told is sent again."""
    hub = log.open_bench(folder, log.SystemClock(), os.urandom)
    backup.save(hub, out)
    hub.store.close()
    before = [bench.pushes for bench in benches]
    wait_until(
        "each bench pushes what the backup does not hold",
        lambda: all(bench.pushes > count + 1 for bench, count in zip(benches, before, strict=True)),
    )
    assert not any(bench.lost for bench in benches)
    process.kill()
    backup.restore(out, folder, moment="m", replace=True)
    told = [bench.told for bench in benches]
    process = start_intake(folder, port)
    wait_until("each bench sees it", lambda: all(bench.lost for bench in benches))
    held = log.open_bench(folder, log.SystemClock(), os.urandom)
    heads = held.store.heads()
    for bench, last in zip(benches, told, strict=True):
        own = bench.opened()
        assert heads[own.key.id][0][0] >= last  # told, lost with the computer, and here again
        own.store.close()
    held.store.close()
    return process
