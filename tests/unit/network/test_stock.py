"""The shared stock: each filter alone and together, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.network import stock
from bench.network.stock import Wanted
from bench.records.log import Log, open_bench, trust
from bench.records.signed import keys
from tests import forge

KEYS = {name: keys.Key(bytes([at]) * 32) for at, name in enumerate(("lens", "lille"), 0x41)}
IDS = {name: keys.key_id(key.public) for name, key in KEYS.items()}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """120 machines of two workshops: laptops of 8 GiB with 500 GB, every fourth letter."""
    log = open_bench(tmp_path_factory.mktemp("s"), forge.Clock(), forge.Noise("s"), name="S")
    for name, key in KEYS.items():
        trust(log.store, key.public, name=name, at="", how="own")
        bench = forge.Bench(name, key)
        events = bench.opened()
        for number in range(60):
            events += bench.visit(number + (1000 if name == "lille" else 0), tests=1)
        log.store.add(events)
    return log


def everyone(log: Log, wanted: Wanted, most: int = 7) -> list[stock.StockLine]:
    """All pages, one after the other."""
    from msgspec.structs import replace

    found: list[stock.StockLine] = []
    while True:
        page = stock.search(log, wanted, most)
        found += page.lines
        if not page.after:
            return found
        wanted = replace(wanted, after=page.after)


@pytest.mark.parametrize(
    "wanted, wrong",
    [
        (Wanted(), lambda line: line.state != "finished"),
        (Wanted(kind="laptop"), lambda line: line.kind != "laptop"),
        (Wanted(minimum_grade="B"), lambda line: line.grade not in "AB"),
        (Wanted(ram_mib=8192), lambda line: line.ram_mib < 8192),
        (Wanted(storage_bytes=500 * 10**9), lambda line: line.storage_bytes < 500 * 10**9),
        (Wanted(holders=(IDS["lens"],)), lambda line: line.holder != IDS["lens"]),
        (Wanted(text="latitude dell"), lambda line: line.model != "Latitude E7450"),
        (Wanted(text="i5-5300"), lambda line: "i5-5300U" not in line.cpu),
        (Wanted(text="26-00100", state=""), lambda line: "26-00100" not in line.asset),
    ],
)
def test_a_filter_leaves_out_what_does_not_answer_and_nothing_else(
    log: Log, wanted: Wanted, wrong: object
) -> None:
    found = everyone(log, wanted)
    every = everyone(log, Wanted(state=wanted.state), most=50)
    assert callable(wrong)
    assert found == [line for line in every if not wrong(line)]
    assert len(found) == stock.count(log, wanted) > 0


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(kind="desktop"),
        Wanted(ram_mib=8193),
        Wanted(storage_bytes=10**12),
        Wanted(holders=("nobody",)),
        Wanted(text="100%"),
        Wanted(text="_"),
        Wanted(text="' OR 1=1 --"),
        Wanted(text="SN0000001"),  # a serial is nobody's affair here
        Wanted(state="reserved"),
    ],
)
def test_nothing_answers(log: Log, wanted: Wanted) -> None:
    assert everyone(log, wanted) == []
    assert stock.count(log, wanted) == 0


def test_every_machine_is_in_one_state(log: Log) -> None:
    counted = stock.by_state(log)
    assert sum(counted.values()) == 120
    assert counted == {state: stock.count(log, Wanted(state=state)) for state in stock.STATES}
    of = [stock.by_state(log, holder) for holder in IDS.values()]
    assert {state: sum(each[state] for each in of) for state in stock.STATES} == counted


def test_a_machine_by_its_number(log: Log) -> None:
    line = stock.line_of(log, "grpc26-000007")
    assert line is not None and line.asset == "GRPC26-000007"
    assert stock.line_of(log, line.device) == line
    assert stock.line_of(log, "GRPC26-999999") is None


def test_an_empty_record_has_no_stock(tmp_path: Path) -> None:
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("e"), name="E")
    assert stock.search(log, Wanted()) == stock.Page((), "")
    assert sum(stock.by_state(log).values()) == 0
