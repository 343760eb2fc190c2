"""What a comment, a docstring or a document points at is in the repository.

A reader who follows a path and finds nothing stops following paths. So every path that begins
with one of our folders, every link of a document, and every file called by its bare name in code
must be there; `<x>` and `*` in a path stand for anything, and something must fit.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.records.kinds.kinds import KINDS

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (
    "bench",
    "constraints",
    "diagnostics",
    "docs",
    "labels",
    "live",
    "tests",
    "wipe",
    r"\.ci",
)
_PATH = re.compile(rf"(?<![\w./<-])(?:{'|'.join(FOLDERS)})/[\w./<>*-]*[\w/>*](?:::)?")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAME = re.compile(r"(?<![\w./<>*-])[a-z]\w*\.(?:py|md|toml|tcss)\b(?![\w./])")
_PACKAGES = "bench|diagnostics|labels|tests|wipe"
_MODULE = re.compile(rf"(?:`|python -m )((?:{_PACKAGES})(?:\.\w+)+)")
_OUTSIDE = re.compile(r"\.\./shared|\bDESIGN\b|/work/")
# A document's own names for files of other projects, of a bench or of a person.
ELSEWHERE = {"pyproject.toml", "settings.toml"}


def tracked() -> list[Path]:
    """Our text files: what a clone holds, found without asking git."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    found += [ROOT / "etabli", ROOT / "pyproject.toml", ROOT / ".ci" / "run"]
    for folder in FOLDERS:
        for path in (ROOT / folder.replace("\\", "")).rglob("*"):
            if path.suffix in (".py", ".toml", ".md", ".sh"):
                found.append(path)
    return sorted(set(found))


def told(path: Path) -> str:
    """What a file tells its reader: comments and docstrings of Python, all of anything else."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        return text
    parts = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            parts.append(ast.get_docstring(node) or "")
    return "\n".join(parts)


def is_there(cited: str) -> bool:
    """Whether a path, with `<x>` and `*` for anything, is in the tree."""
    pattern = re.sub(r"<[^>]*>", "*", cited).rstrip("./")
    return any(ROOT.glob(pattern)) or any(ROOT.glob(f"{pattern}.py"))


def is_module(dotted: str) -> bool:
    """Whether `bench.records.dossier` is a module, names something that stands in one, or is no
    module at all but a kind of event (`bench.opened`).
    """
    if dotted in KINDS:
        return True
    at, *rest = (ROOT, *dotted.split("."))
    for number, part in enumerate(rest, 1):
        file = at / f"{part}.py"
        if file.is_file():
            name = rest[number] if number < len(rest) else ""
            return re.search(rf"\b{name}\b", file.read_text("utf-8")) is not None
        at = at / part
    return at.is_dir()


def missing(path: Path, names: frozenset[str]) -> Iterator[str]:
    """Everything a file cites that is not there."""
    # All of a file is quicker to search than what it tells is to find: most cite nothing amiss.
    if any(_missing(path, path.read_text("utf-8"), names)):
        yield from _missing(path, told(path), names)


def _missing(path: Path, text: str, names: frozenset[str]) -> Iterator[str]:
    for cited in _PATH.findall(text):
        short = path.name == "interruptions.md" and cited.endswith("::")  # a test of its own
        if not short and not is_there(cited.removesuffix("::")):
            yield cited
    yield from (dotted for dotted in _MODULE.findall(text) if not is_module(dotted))
    if path.suffix == ".md":
        for link in _LINK.findall(text):
            target, _, anchor = link.partition("#")
            if "://" not in link and not fits(path, target, anchor):
                yield link
    elif path.suffix == ".py":
        yield from (name for name in _NAME.findall(text) if name not in names)
    yield from _OUTSIDE.findall(text) if path.name != "test_citations.py" else ()


def fits(path: Path, target: str, anchor: str) -> bool:
    """Whether a link of a document leads to a file, and to a heading of it."""
    file = (path.parent / target).resolve() if target else path
    if not file.exists():
        return False
    headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE) if anchor else ()
    slugs = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
    return not anchor or anchor in slugs


@pytest.fixture(scope="module")
def names() -> frozenset[str]:
    return frozenset(path.name for path in tracked()) | ELSEWHERE


def test_everything_cited_is_in_the_repository(names: frozenset[str]) -> None:
    found = {
        str(path.relative_to(ROOT)): lost
        for path in tracked()
        if (lost := sorted(set(missing(path, names))))
    }
    assert not found, found


@pytest.mark.parametrize(
    "text",
    [
        "See docs/nowhere.md.",
        "See [this](nowhere.md).",
        "See [this](maintainer.md#no-such-heading).",
        "In bench/nowhere/ lies nothing.",
        "Below tests/unit/<x>/nowhere.py.",
        "`bench.nowhere.thing` does it.",
        "`bench.records.dossier.nothing_of_this_name` does it.",
        "As DESIGN.md has it.",
    ],
)
def test_what_is_not_there_is_found(text: str, names: frozenset[str], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    assert list(missing(page, names))


def test_a_bare_name_in_code_is_found(names: frozenset[str], tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""Used by `nowhere.py`."""\n', "utf-8")
    assert list(missing(module, names)) == ["nowhere.py"]
