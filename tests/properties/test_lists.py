"""Lists of other tools: never anything but the one error, never a machine that no line names."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from bench.exchange.lists import cells
from bench.exchange.lists.read import read
from bench.exchange.lists.rows import text_of
from bench.exchange.lists.told import StockList
from bench.exchange.people import plain_cell, safe_cell
from bench.records.errors import RecordsError

letters = st.text(alphabet=st.sampled_from("ab1-=+@;,|\t\"'\n\r é\u202e\x00\x0c€"), max_size=12)
lines = st.lists(st.lists(letters, min_size=1, max_size=4).map(";".join), max_size=8)
numbers = st.from_regex(r"[A-Z]{2}[0-9]{3,8}[A-Z]?", fullmatch=True)
values = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


def read_or_none(data: bytes) -> StockList | None:
    try:
        return read(data)
    except RecordsError as error:
        assert error.code.startswith("list_")
        return None


@given(data=st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    for head in (b"", b"Code;Serie;Marque\n", b'{"content":', b"\xff\xfe"):
        read_or_none(head + data)


@given(body=lines, separator=st.sampled_from(";,\t|"))
def test_no_machine_is_invented(body: list[str], separator: str) -> None:
    head = separator.join(("Code", "Numéro de série", "Modèle"))
    data = "\n".join([head, *(line.replace(";", separator) for line in body)]).encode()
    found = read_or_none(data)
    if found is None:
        return
    text = text_of(data)
    physical = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    seen = [machine.line for machine in found.machines]
    assert len(set(seen)) == len(seen)  # a line is one machine at most
    for machine in found.machines:
        here = "".join(plain_cell(physical[machine.line - 1]).split())
        for number in (machine.tag, machine.serial):
            plain = here.replace('""', '"')  # of a cell in quotes; without them they are letters
            said = (here, plain, plain.replace("'", ""))
            assert any("".join(number.split()) in each for each in said)
    told = {line.line for line in found.refused} | set(seen)
    assert max(told, default=1) <= len(physical)


@given(
    rows=st.lists(st.tuples(numbers, numbers, values), unique_by=lambda row: row[1], max_size=10),
    wrong=st.sampled_from(['"', 'x;"y', "=1;=2;=3", "\x07;\x07", "a;b;c;d", ""]),
    at=st.integers(0, 10),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_one_wrong_line_loses_no_other(
    rows: list[tuple[str, str, str]], wrong: str, at: int, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    body = out.getvalue().split("\n")[:-1]
    body.insert(min(at, len(body)), wrong)
    found = read("\n".join(["Code;Série;Modèle", *body]).encode(encoding))
    good = {row[1] for row in rows if cells.serial(row[1])}
    assert good <= {machine.serial for machine in found.machines}
    assert len(found.refused) + len(found.machines) <= len(body)


@given(text=st.text(max_size=30))
def test_what_a_spreadsheet_must_not_run_comes_back_as_it_was(text: str) -> None:
    bare = plain_cell(text)
    again = plain_cell(bare)
    if again == bare and not bare.startswith(("\t", "\r", "\n")):
        assert plain_cell(str(safe_cell(bare))) == bare
