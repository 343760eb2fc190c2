"""docs/events.md: every kind of event, from the shapes, from who writes it, and from what it
changes when a record takes it in.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.records.dossier import dossier
from bench.records.kinds import machine as kinds_machine
from bench.records.kinds import network as kinds_network
from bench.records.kinds import packs as kinds_packs
from bench.records.kinds.kinds import KINDS
from bench.records.kinds.machine import Data
from tests.references.changes import Changes, measured

ROOT = Path(__file__).resolve().parents[2]
_HEAD = """# Events

Made from the code by `python -m tests.references`; do not edit. What is around `data`, how events
are signed, ordered and folded: [exchange.md](exchange.md#the-record). Integers carry their unit in
the name. A field with a default may be left out; unknown fields are kept.

*Changes* was measured: the tables and columns that differ once a record has taken in one such event
(*new row*: a row that was not there). *File* says that `bench.records.dossier`, the one reader of a
machine, hears it. Nothing but the log changes where neither is said.

| type | values |
|---|---|
"""


_LIMITS = {
    "ge": "at least {}",
    "le": "at most {}",
    "min_length": "at least {} letters",
    "max_length": "at most {} letters",
}


def page() -> str:
    """The whole page."""
    changes, writers = measured(), written_by()
    types = [f"| `{name}` | {_limits(name)} |" for name in _limited()]
    parts = [_HEAD + "\n".join(types) + "\n", "## Kinds\n"]
    for kind, shape in KINDS.items():
        parts.append(_section(kind, shape, writers[kind], changes[kind]))
    parts.append("## Shapes inside\n")
    for shape in _inner():
        parts.append(f"### `{shape.__name__}`\n\n{_about(shape)}{_fields(shape)}")
    return "\n".join(parts)


def written_by() -> dict[str, list[str]]:
    """For each kind the modules of the product that hand it to a call, as paths."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in sorted((ROOT / "bench").rglob("*.py")):
        if "bench/demo/region" in str(path):
            continue  # a made-up record: what only a demonstration writes, nobody does
        for kind in sorted(_handed_over(path)):
            found[kind].append(str(path.relative_to(ROOT)))
    return found


def _handed_over(path: Path) -> set[str]:
    calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
    given = (argument for call in calls for argument in call.args)
    words = {one.value for one in given if isinstance(one, ast.Constant)}
    return {word for word in words if isinstance(word, str)} & KINDS.keys()


def _section(kind: str, shape: type[Data], writers: list[str], changes: Changes) -> str:
    told = ", ".join(f"`{name}`" for name in writers) or "nothing in the product yet"
    heard = " File." if shape in dossier._HANDLERS else ""
    effect = f"Changes {'; '.join(changes)}.{heard}" if changes else heard.strip()
    lines = [f"### `{kind}`\n", _about(shape) + _fields(shape)]
    lines.append(f"Written by {told}. {effect}".strip() + "\n")
    return "\n".join(lines)


def _about(shape: type) -> str:
    own = shape.__dict__.get("__doc__") or ""
    return " ".join(own.split()) + "\n\n" if own else ""


def _fields(shape: type) -> str:
    rows = []
    for owner in reversed(shape.__mro__):
        if issubclass(owner, msgspec.Struct) and owner is not msgspec.Struct:
            rows += [row_of(row) for row in _rows(owner)]
    if not rows:
        return "No field.\n"
    return "| field | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def row_of(cells: Iterable[str]) -> str:
    """A row of a table, an empty cell being one space wide."""
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _rows(owner: type) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, default and comment of each field, as the class writes them."""
    source = textwrap.dedent(inspect.getsource(owner))
    lines = source.splitlines()
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    for node in definition.body:
        if isinstance(node, ast.AnnAssign):
            default = ast.unparse(node.value) if node.value else ""
            made = default.partition("default_factory=")[2].rstrip(")")
            shown = {"list": "[]", "dict": "{}"}.get(made, default)
            _, _, comment = lines[node.lineno - 1].partition("  # ")
            kind = ast.unparse(node.annotation).replace("|", "or")
            yield (
                f"`{ast.unparse(node.target)}`",
                f"`{kind}`",
                f"`{shown}`" if shown else "",
                comment.replace("|", "\\|"),
            )


def _limited() -> list[str]:
    return [name for name, value in _named().items() if hasattr(value, "__metadata__")]


def _named() -> dict[str, Any]:
    return vars(kinds_machine) | vars(kinds_packs)


def _limits(name: str) -> str:
    found: Any = _named()[name]
    limits = found.__metadata__[0]
    told = ((words, getattr(limits, field)) for field, words in _LIMITS.items())
    parts = [words.format(value) for words, value in told if value is not None]
    if found.__origin__ is not str:
        parts = [part.replace("letters", "names") for part in parts]
    parts += [f"matches `{limits.pattern}`"] if limits.pattern else []
    return f"{found.__origin__.__name__}, {', '.join(parts)}"


def _inner() -> list[type]:
    """Shapes that are no kind themselves: they stand in a field of one."""
    modules = (kinds_machine, kinds_network, kinds_packs)
    every = [one for module in modules for one in vars(module).values() if inspect.isclass(one)]
    shapes = [one for one in every if issubclass(one, Data) and one is not Data]
    return list(dict.fromkeys(one for one in shapes if one not in KINDS.values()))
