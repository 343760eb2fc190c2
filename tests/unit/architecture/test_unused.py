"""Nothing at the top of a module is there for the tests alone, or for nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("bench", "diagnostics", "wipe", "labels")
DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Each with its reason; one that is used, or gone, is taken off the list.
EXCEPTIONS = {
    "labels/errors.py:ERRORS": "each code with its values: the words are compared with it",
    "wipe/model/codes.py:CAN_BE_PAST": "the codes that need words in the past, compared too",
}


def names_of(statement: ast.stmt) -> Iterator[str]:
    """What a statement at the top of a module defines, decorated things apart: those register."""
    if isinstance(statement, DEFINED):
        if not statement.decorator_list:
            yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (
            node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
        )


def uses_in(statement: ast.stmt) -> set[str]:
    """Every name a statement reads; an import alone is no use (ruff sees those)."""
    used = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used.add(node.value)  # commands, renderers and parsers found by name
    return used


def unused(sources: Mapping[str, str]) -> set[str]:
    """`file:name` of what no other statement of any of these sources uses."""
    users: dict[str, set[tuple[str, int]]] = {}
    trees = {name: ast.parse(text) for name, text in sources.items()}
    for file, number, statement in statements(trees):
        for name in uses_in(statement):
            users.setdefault(name, set()).add((file, number))
    return {
        f"{file}:{name}"
        for file, number, statement in statements(trees)
        for name in names_of(statement)
        if not name.startswith("__") and not users.get(name, set()) - {(file, number)}
    }


def statements(trees: Mapping[str, ast.Module]) -> Iterable[tuple[str, int, ast.stmt]]:
    for file, tree in trees.items():
        for number, statement in enumerate(tree.body):
            yield file, number, statement


def test_every_definition_is_used_by_the_product() -> None:
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    found = unused({str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths})
    assert found == set(EXCEPTIONS)
    assert all(EXCEPTIONS.values())


def orphans(sources: Mapping[str, str]) -> set[str]:
    """Modules that no other imports, nor names as a string: a file or a command."""
    named: set[str] = set()
    for text in sources.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named |= {f"{node.module}.{alias.name}" for alias in node.names}
                named.add(str(node.module))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
    return {
        file
        for file in sources
        if (path := Path(file)).stem not in ("__init__", "__main__")
        and not {".".join(path.with_suffix("").parts), path.name, path.stem.rstrip("_")} & named
    }


def test_every_module_is_reached() -> None:
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    found = orphans({str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths})
    assert found == set()
    lone = {"a/b.py": "import a.c", "a/c.py": "", "a/__main__.py": "from a import d", "a/d.py": ""}
    assert orphans(lone) == {"a/b.py"}


def test_what_is_unused_is_seen() -> None:
    first = "def used(): 0\ndef alone(): return alone()\nX: int = 1\nY = 2\n@known\ndef z(): 0\n"
    second = "from first import used, X\nused()\nprint(first.Y)\n"
    assert unused({"first": first, "second": second}) == {"first:alone", "first:X"}
