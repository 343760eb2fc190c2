"""One module writes and reads what people see of a key: bench/records/signed/fingerprint.py.

A second one would group, hash or compare it in its own way, and two papers of one workshop
would not look alike.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
THE_ONE = ROOT / "bench" / "records" / "signed" / "fingerprint.py"
TREE = sorted(
    path
    for package in ("bench", "diagnostics", "labels", "wipe", "live")
    for path in (ROOT / package).rglob("*.py")
    if path != THE_ONE
)
# Groups of characters of something that is no key: the boot image's hash on an attestation.
GROUPS_OF_OTHERS = {
    "bench/documents/wording.py: ' '.join((system[at:at + 4] for at in range(0, 16, 4)))"
}
MADE = ("fingerprint.show", "fingerprint.unchecked")
HEARD = ("heard", "fingerprint", "spoken", "trust")
CHANGES = ("split", "replace", "join", "translate", "upper", "lower", "strip", "removesuffix")


def forms(source: str) -> Iterator[str]:
    """Each expression by which a key may be shown, or what was heard be read, by the way."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            if "etabli fingerprint" in str(node.value):
                yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            if _named(node.value, ("fingerprint",)):
                yield ast.unparse(node)
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            with_nothing = any(ast.unparse(side) == "None" for side in sides)
            if not with_nothing and any(_named(side, ("heard",)) for side in sides):
                yield ast.unparse(node)
        elif (
            isinstance(node, ast.FunctionDef)
            and "fingerprint" in node.name
            and not _is_property(node)
        ):
            yield f"def {node.name}"


def _call(node: ast.Call) -> Iterator[str]:
    name = node.func
    if isinstance(name, ast.Attribute) and name.attr in CHANGES and _named(name.value, HEARD):
        yield ast.unparse(node)
    joins = isinstance(name, ast.Attribute) and name.attr == "join"
    stepped = any(
        isinstance(inner, ast.Call)
        and ast.unparse(inner.func) == "range"
        and len(inner.args) == 3
        and ast.unparse(inner.args[2]) in ("4", "5")
        for inner in ast.walk(node)
    )
    if joins and stepped:
        yield ast.unparse(node)
    for given in node.keywords:
        if given.arg == "fingerprint" and not _from_the_one(given.value):
            yield ast.unparse(node)


def _named(value: ast.expr, names: tuple[str, ...]) -> bool:
    """Whether a value is called so: `heard`, `arguments.heard`, `found.who.fingerprint`."""
    last = value.attr if isinstance(value, ast.Attribute) else ast.unparse(value)
    return last in names


def _from_the_one(value: ast.expr) -> bool:
    """Made by the one module, handed on under its name, or left empty."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in MADE
    if isinstance(value, ast.Constant):
        return value.value == ""
    if isinstance(value, ast.Subscript):
        return ast.unparse(value.slice) == "'fingerprint'"
    return _named(value, ("fingerprint", "shown"))


def _is_property(node: ast.FunctionDef) -> bool:
    """A property may only hand on what the one module made."""
    kinds = {ast.unparse(each) for each in node.decorator_list}
    return "property" in kinds and "fingerprint.show(" in ast.unparse(node)


def test_no_other_code_shows_or_reads_a_key() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {said}"
        for path in TREE
        for said in forms(path.read_text("utf-8"))
    }
    assert len(TREE) > 300
    assert found == GROUPS_OF_OTHERS


@pytest.mark.parametrize(
    "line",
    [
        'digest = sha512(b"etabli fingerprint 1\\0" + public)',
        '" ".join(text[at : at + 5] for at in range(0, len(text), 5))',
        '"-".join(key.hex()[at : at + 4] for at in range(0, 32, 4))',
        'tell(say("x", fingerprint=key.hex()))',
        'tell(say("x", fingerprint=keys.key_id(public)))',
        "found.fingerprint.split()",
        "who.fingerprint[:5]",
        '"".join(heard.split())',
        "arguments.trust.replace(' ', '')",
        "arguments.heard == shown",
        "def fingerprint(public): return public.hex()",
        "class K:\n    @property\n    def fingerprint(self): return self.id",
    ],
)
def test_a_second_way_is_found(line: str) -> None:
    assert list(forms(line))


def test_what_only_hands_it_on_is_let_by() -> None:
    assert not list(
        forms(
            "tell(say('x', fingerprint=fingerprint.show(public)))\n"
            "say('x', fingerprint=log.key.fingerprint)\n"
            "joining.join(log, raw, heard=arguments.heard)\n"
            "if not arguments.heard:\n    pass\n"
        )
    )
