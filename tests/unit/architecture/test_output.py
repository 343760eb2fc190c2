"""Nothing is written to a terminal but through `bench/errors/sentence.py`.

What is shown was often written elsewhere: a print that goes round the one way out lets an
escape of a paper, a bag or a donor's disk reach the terminal.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
THE_WAY_OUT = ROOT / "bench" / "errors" / "sentence.py"
BENCH = sorted(path for path in (ROOT / "bench").rglob("*.py") if path != THE_WAY_OUT)
# `etabli --version` says a constant and must load nothing.
ALLOWED = {"bench/__main__.py: print(f'etabli {VERSION}')"}
STREAMS = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__")
WRITES = ("print", "Console", "input")
ASKED = ("isatty", "fileno")  # of a stream, without writing on it


def goes_round(source: str) -> Iterator[str]:
    """Each expression by which words may reach a terminal without being looked at."""
    tree = ast.parse(source)
    asked = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ASKED
    }
    handed = {  # a stream handed on to a class of ours, which tells through the way out
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Lines"
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            by_number = name == "os.write" and ast.unparse(node.args[0]) in ("1", "2")
            if name in WRITES or name.endswith((".Console", "print_exc")) or by_number:
                yield ast.unparse(node)
        elif (
            isinstance(node, ast.Attribute)
            and id(node) not in asked | handed
            and (stream := ast.unparse(node)) in STREAMS
        ):
            yield stream


def test_every_word_to_a_terminal_goes_the_one_way() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {said}"
        for path in BENCH
        for said in goes_round(path.read_text("utf-8"))
    }
    assert len(BENCH) > 200
    assert found == ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "print(name)",
        "json.dump(found, sys.stdout)",
        "sys.stderr.write(name)",
        "out = sys.stdout.buffer",
        "from rich.console import Console\nConsole(highlight=False).print(table)",
        "rich.console.Console()",
        "os.write(1, name)",
        "traceback.print_exc()",
        "print(say('x'), file=sys.stderr)",
    ],
)
def test_a_print_that_goes_round_is_found(line: str) -> None:
    assert list(goes_round(line))


def test_what_only_asks_is_let_by() -> None:
    assert not list(goes_round("tell(x)\nsys.stdout.isatty()\nsys.stdin.read()\nself.print()"))


def test_the_screens_put_text_in_one_place() -> None:
    """`Block.put` looks at each text; nobody else updates a widget or lets markup in."""
    found = {
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in (ROOT / "bench" / "console").rglob("*.py")
        if path.name != "block.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in ("Static", "Label", "notify", "update")
    }
    assert found == {"bench/console/screen.py: Static(id='fill')"}
