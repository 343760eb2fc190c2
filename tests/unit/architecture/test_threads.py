"""msgspec looks at a type the first time it decodes one, and two threads that do so at the
same moment end the process (docs/decisions/threads-and-msgspec.md has the program). So every type
that is ever decoded is learnt at the import of the module that defines it, where Python's import
lock lets only one thread in: `learn(…)` or a `Decoder` at the top level.
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
    """(whether learnt at the top level, the type as written) for each type of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    top = {
        id(line.value)
        for line in tree.body
        if isinstance(line, (ast.Assign, ast.AnnAssign, ast.Expr))
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func) == "learn" and id(node) in top:
            yield from ((True, ast.unparse(one)) for one in node.args)
        elif (wanted := target(node)) is not None:
            yield id(node) in top and ast.unparse(node.func) in DECODERS, ast.unparse(wanted)


def meant(written: str, names: dict[str, Any]) -> Iterator[Any]:
    """The types an expression of a module stands for; none where it is a parameter, whose
    callers' types are in a table, learnt with a star."""
    try:
        yield from eval(f"({written},)", {**names})
    except NameError:
        return


def test_decoded_types_are_learnt_at_import() -> None:
    learnt: dict[str, set[type]] = {}
    decoded: set[type] = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text("utf-8")
            if ("msgspec" not in text and "learn(" not in text) or path.stem == "__main__":
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            names: dict[str, Any] = vars(importlib.import_module(name))
            for at_import, written in calls(path):
                for kind in meant(written, names):
                    found = structs(inspect.type_info(kind), set())
                    if not written.startswith("*"):
                        decoded |= found
                    if at_import:
                        learnt.setdefault(name, set()).update(found)
    missing = sorted(
        f"{one.__module__}.{one.__name__}"
        for one in decoded
        if one not in learnt.get(one.__module__, set())
    )
    assert decoded
    assert missing == [], "`learn` it at the top level of the module that defines it"


def test_learning_first_is_enough() -> None:
    """The program of the decision; without the line that learns, it ends with SIGSEGV."""
    page = (ROOT / "docs/decisions/threads-and-msgspec.md").read_text("utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]
    ours = program.replace("msgspec.json.Decoder(module.Outer)", "learn(module.Outer)")
    assert ours != program
    done = subprocess.run(
        [sys.executable, "-c", f"from diagnostics.learn import learn\n{ours}", "learn"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "alive", done.stderr
