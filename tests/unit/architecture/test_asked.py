"""Whatever a source asks that only root may is declared beside it, and is on the service's list.

On the live stick an undeclared command would be run by the screens' own user, and be denied.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

from diagnostics.served import allowed
from tests.unit.architecture.test_architecture import ROOT, SOURCES

# Programs that tell an ordinary user of the screens all they have to tell, and why.
ORDINARY = {
    "lscpu": "reads what all may read",
    "lspci": "names and drivers; what root sees more of, nobody shows",
    "lsblk": "udev looked at the disks already",
    "fwupdmgr": "asks a service of its own",
    "amixer": "the group audio",
    "aplay": "the group audio",
    "arecord": "the group audio",
    "bluetoothctl": "asks a service of its own",
    "memtester": "the unit of the screens may lock memory",
    "stress-ng": "a load like any other",
}


def programs(tree: ast.Module) -> Iterator[str]:
    """The first words of all that looks like a command: a list or tuple of texts that is run, or
    kept to be run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("runner.run"):
            yield from first_words(node.args[0], tree)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple | ast.List):
            yield from first_words(node.value, tree)


def first_words(argument: ast.expr, tree: ast.Module) -> Iterator[str]:
    if isinstance(argument, ast.Tuple | ast.List) and argument.elts:
        first = argument.elts[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value
        elif isinstance(first, ast.Starred):
            yield from first_words(first.value, tree)
    elif isinstance(argument, ast.Name | ast.Attribute):
        name = argument.id if isinstance(argument, ast.Name) else argument.attr
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets):
                yield from first_words(node.value, tree)


def test_every_program_the_diagnostics_start_is_declared_or_ordinary() -> None:
    started: dict[str, str] = {}
    for path in SOURCES:
        if path.is_relative_to(ROOT / "diagnostics"):
            tree = ast.parse(path.read_text("utf-8"))
            if any(isinstance(n, ast.Attribute) and n.attr == "run" for n in ast.walk(tree)):
                started |= dict.fromkeys(programs(tree), str(path.relative_to(ROOT)))
    declared = {str(command[0]) for command in allowed.COMMANDS}
    assert {"smartctl", "dd", "ip", "aplay", "lsblk", "nvme"} <= set(started)
    assert {
        name: at for name, at in started.items() if name not in declared | ORDINARY.keys()
    } == {}


def test_every_declaration_is_on_the_list() -> None:
    missing = []
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        if any(
            isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "ASKED" for n in tree.body
        ):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            asked = importlib.import_module(name).ASKED
            missing += [(name, one) for one in asked if one not in allowed.COMMANDS]
    assert missing == []
