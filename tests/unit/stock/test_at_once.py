"""Two people decide over one machine at the same moment: one is served, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from bench.errors.failure import Failure
from bench.records.log import Log, open_bench, trust
from bench.records.signed import keys
from bench.setup.settings import Settings
from bench.stock import leaving, requests, transfers
from diagnostics.locks import MANAGED
from tests import forge

OWN, OTHER = keys.Key(b"\x81" * 32), keys.Key(b"\x82" * 32)
TIMES = 4


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, str]:
    """A free machine of this workshop, which knows another one."""
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("d"), name="D")
    for key in (OWN, OTHER):
        trust(log.store, key.public, name="w", at="", how="own")
    told = keys.certify(OWN, log.key.public, name="d", at="")
    log.append("bench.certified", {"certificate": told.plain()})
    bench = forge.Bench("b", OWN)
    events = [*bench.opened(), *bench.visit(1, tests=1)]
    device = events[-1].event.device
    events.append(bench.make("lock.answered", {"lock": MANAGED, "free": True}, device=device))
    log.store.add(events)
    log.store.close()
    return tmp_path, device


def at_once(folder: Path, acts: Sequence[Callable[[Log], object]]) -> tuple[int, list[str]]:
    """How many of these went through, begun together, each on a log of its own."""
    barrier, done, refused = threading.Barrier(len(acts)), list[object](), list[str]()

    def run(number: int, act: Callable[[Log], object]) -> None:
        log = open_bench(folder, forge.Clock(), forge.Noise(f"n{number}"))
        barrier.wait()
        try:
            done.append(act(log))
        except Failure as failure:
            refused.append(failure.code)
        finally:
            log.store.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) + len(refused) == len(acts)
    return len(done), refused


def row(folder: Path, device: str) -> tuple[object, ...]:
    log = open_bench(folder, forge.Clock(), forge.Noise("row"))
    sql = "SELECT state, to_arbitrate FROM machine WHERE device = ?"
    found = log.store.query(sql, (device,))[0]
    log.store.close()
    return tuple(found)


def written(folder: Path, kind: str) -> int:
    log = open_bench(folder, forge.Clock(), forge.Noise("count"))
    ((count,),) = log.store.query("SELECT count(*) FROM event WHERE type = ?", (kind,))
    log.store.close()
    return int(count)


def promised(request: str, device: str, log: Log) -> object:
    return transfers.reserve(log, request, [device])


@pytest.mark.parametrize("turn", range(3))
def test_a_machine_is_promised_once(machine: tuple[Path, str], turn: int) -> None:
    folder, device = machine
    log = open_bench(folder, forge.Clock(), forge.Noise("a"))
    asked = [requests.ask(log, "who", kind="laptop") for _ in range(TIMES)]
    log.store.close()
    acts = [partial(promised, request, device) for request in asked]
    assert at_once(folder, acts) == (1, ["sharing.not_free"] * (TIMES - 1))
    assert row(folder, device) == ("reserved", 0)


def test_a_machine_is_sent_and_accepted_once(machine: tuple[Path, str]) -> None:
    folder, device = machine
    to = keys.key_id(OTHER.public)
    assert at_once(folder, [lambda log: transfers.send(log, to, [device])] * TIMES)[0] == 1
    assert row(folder, device) == ("in_transit", 0)
    assert written(folder, "transfer.sent") == 1


def test_a_machine_is_handed_over_or_sent_never_both(machine: tuple[Path, str]) -> None:
    folder, device = machine
    to, named = keys.key_id(OTHER.public), Settings(workshop="Lens")
    acts: list[Callable[[Log], object]] = [lambda log: transfers.send(log, to, [device])]
    acts += [lambda log: leaving.hand_over(log, device, named, folder / "documents")] * 2
    count, refused = at_once(folder, acts)
    assert count == 1
    assert set(refused) <= {"stock.handed_over", "stock.in_transit", "sharing.not_here"}
    assert row(folder, device)[1] == 0
    assert written(folder, "handover.done") + written(folder, "transfer.sent") == 1
    if written(folder, "handover.done"):
        assert len(list((folder / "documents").glob("*.pdf"))) == 1


def test_a_request_that_closes_keeps_nothing(machine: tuple[Path, str]) -> None:
    folder, device = machine
    log = open_bench(folder, forge.Clock(), forge.Noise("a"))
    request = requests.ask(log, "who", kind="laptop")
    log.store.close()
    acts = [
        lambda log: transfers.reserve(log, request, [device]),
        lambda log: requests.close(log, request, "withdrawn"),
    ]
    at_once(folder, acts)
    assert row(folder, device) == ("finished", 0)
