"""msgspec looks at a type the first time it decodes one, and two threads that do so at the
same moment end the process (0.22: SIGSEGV, seen in a virtual machine). So every type that
is ever decoded is learnt at the import of the module that defines it, where Python's import
lock lets only one thread in: a `Decoder` made at the top level.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import inspect

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("bench", "diagnostics", "wipe", "labels")
DECODERS = ("msgspec.json.Decoder", "msgspec.msgpack.Decoder")
DECODES = ("msgspec.json.decode", "msgspec.msgpack.decode")


def structs(found: object, seen: set[type]) -> set[type]:
    """Every Struct class a type holds, itself included."""
    if isinstance(found, inspect.StructType):
        if found.cls in seen:
            return seen
        seen.add(found.cls)
    if isinstance(found, inspect.Type):
        for name in found.__struct_fields__:
            structs(getattr(found, name), seen)
    elif isinstance(found, inspect.Field):
        structs(found.type, seen)
    elif isinstance(found, tuple):
        for one in found:
            structs(one, seen)
    return seen


def target(call: ast.Call) -> ast.expr | None:
    """The type a call decodes to, if it does."""
    name = ast.unparse(call.func)
    if name == "msgspec.convert" and len(call.args) > 1:
        return call.args[1]
    if name in DECODERS and call.args:
        return call.args[0]
    if name in DECODES:
        return next((one.value for one in call.keywords if one.arg == "type"), None)
    return None


def calls(path: Path) -> Iterator[tuple[bool, str]]:
    """(whether a decoder made at the top level, the type as written) of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    top = {
        id(line.value)
        for line in tree.body
        if isinstance(line, (ast.Assign, ast.AnnAssign, ast.Expr))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (wanted := target(node)) is not None:
            yield id(node) in top and ast.unparse(node.func) in DECODERS, ast.unparse(wanted)


def test_decoded_types_are_learnt_at_import() -> None:
    learnt: dict[str, set[type]] = {}
    decoded: set[type] = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "msgspec" not in path.read_text("utf-8") or path.stem == "__main__":
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            names: dict[str, Any] = vars(importlib.import_module(name))
            for at_import, written in calls(path):
                try:
                    kind = eval(written, {**names})
                except NameError:
                    continue  # a parameter: its callers' types are in a table, learnt below
                found = structs(inspect.type_info(kind), set())
                decoded |= found
                if at_import:
                    learnt.setdefault(name, set()).update(found)
    missing = sorted(
        f"{one.__module__}.{one.__name__}"
        for one in decoded
        if one not in learnt.get(one.__module__, set())
    )
    assert decoded
    assert missing == [], "make a Decoder of it at the top level of the module that defines it"


RACE = """
import sys, threading, types
import msgspec
sys.setswitchinterval(1e-6)
SOURCE = '''
from __future__ import annotations
import msgspec
class Inner(msgspec.Struct):
    one: int = 0
    two: tuple[str, ...] = ()
class Outer(msgspec.Struct):
    inner: Inner
    many: list[Inner] = []
    text: str | None = None
msgspec.json.Decoder(Outer)
'''
for number in range(300):
    module = types.ModuleType(f"learnt{number}")
    sys.modules[module.__name__] = module
    exec(SOURCE, vars(module))
    go = threading.Barrier(4)
    def decode():
        go.wait()
        msgspec.json.decode(b'{"inner":{"one":1},"many":[{}]}', type=module.Outer)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    [one.start() for one in threads]
    [one.join() for one in threads]
print("alive")
"""


def test_learning_first_is_enough() -> None:
    """Without the line that makes the decoder, this ends with SIGSEGV nine times in ten."""
    done = subprocess.run(
        [sys.executable, "-c", RACE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "alive", done.stderr
