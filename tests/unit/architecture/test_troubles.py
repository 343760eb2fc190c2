"""What a person reads of a failure is in our words: no sentence of the system's or a library's."""

from __future__ import annotations

import ast
import errno
import os
import socket
import sqlite3
import ssl
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import sentence
from bench.words import troubles
from bench.words.catalogue import asked_in, say
from tests.unit.architecture.test_words import ROOT, catalogue

FORMS: dict[str, Callable[[int], object]] = {
    "the exception": lambda number: OSError(number, os.strerror(number), "/some/file"),
    "strerror": os.strerror,
    "str() of it": lambda number: str(OSError(number, os.strerror(number), "/some/file")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_error_of_the_system_is_told_in_its_own_words(form: str, language: str) -> None:
    for number in errno.errorcode:
        with asked_in(language):
            told = sentence(
                Failure("file_unreadable", Exit.MACHINE, path="x", why=FORMS[form](number))
            )
            same = say("label.error.printer_off", address="x", why=FORMS[form](number))
        for said in (told, same):
            assert os.strerror(number) not in said and "Errno" not in said, said
            assert "{" not in said, said


def test_each_error_with_words_has_them() -> None:
    keys = set(catalogue("fr", "system"))
    assert keys >= troubles.WORDED and set(dir(errno)) >= troubles.WORDED
    others = {"other", "name", "unopened", "damaged", "foreign", "text", "line", "cut", "deep"}
    others |= {"certificate", "tls"}
    assert keys - troubles.WORDED == others | {"field", "least", "most", "value"}


class Small(msgspec.Struct, forbid_unknown_fields=True):
    number: int


def raised(act: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:
        act()
    return caught.value


def _no_tls() -> None:
    """A line that speaks no TLS, as a port of plain HTTP does: OpenSSL's numbers are its own."""
    arriving, leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
    arriving.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    ssl.create_default_context().wrap_bio(arriving, leaving, server_hostname="x").do_handshake()


def test_a_number_of_openssl_is_none_of_the_systems() -> None:
    assert troubles.of(raised(_no_tls)) == ("tls", {})
    assert troubles.of(ssl.SSLEOFError(8, "EOF occurred")) == ("ECONNRESET", {})
    assert troubles.of(ssl.SSLCertVerificationError(1, "no")) == ("certificate", {})


def _full() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 1")
    database.execute("CREATE TABLE t (x)")
    database.execute("CREATE TABLE u (x)")


LIBRARIES = {
    "toml": lambda: tomllib.loads('a = "zz\n'),
    "toml cut": lambda: tomllib.loads("a = "),
    "unknown field": lambda: msgspec.convert({"number": 1, "more": 2}, Small),
    "kind": lambda: msgspec.convert({"number": "x"}, Small),
    "missing field": lambda: msgspec.convert({}, Small),
    "json": lambda: msgspec.json.decode(b"{"),
    "zip": lambda: zipfile.ZipFile(BytesIO(b"no zip")),
    "text": b"\xff".decode,
    "name": lambda: socket.getaddrinfo("nobody.invalid", 1, flags=socket.AI_NUMERICHOST),
    "sqlite": _full,
    "tls": _no_tls,
}


# Most are handed on as they are (see the walk below); these two reach us as text too.
HANDED = [(library, False) for library in LIBRARIES] + [("sqlite", True), ("name", True)]


@pytest.mark.parametrize(("library", "as_text"), HANDED)
def test_no_library_is_heard(library: str, as_text: bool) -> None:
    error = raised(LIBRARIES[library])
    value = str(error) if as_text else error
    told = sentence(Failure("rules_bad", Exit.USAGE, path="x", why=value))
    assert str(error) not in told, told


_TELLS = ("tell", "print")


def _spoken(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where the text of a caught exception goes round the one translation: inside an f-string,
    or told as it is."""
    for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)):
        if handler.name is None:
            continue
        for node in ast.walk(handler):
            if isinstance(node, ast.FormattedValue) and _text_of(node.value, handler.name):
                yield node.lineno, "f-string"
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in _TELLS:
                continue
            parts = [part for each in node.args for part in _either(each)]
            if any(_text_of(part, handler.name) for part in parts):
                yield node.lineno, "told"


def _either(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BoolOp):
        yield from node.values
    else:
        yield node


def _text_of(node: ast.expr, name: str) -> bool:
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Attribute(value=ast.Name(id=found), attr="strerror"):
            return found == name
        case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=found), *_]):
            return found == name
    return False


SEEN = "try:\n    act()\nexcept OSError as error:\n    "


@pytest.mark.parametrize(
    "line", ["tell(str(error))", "tell(error.strerror or str(error))", 'f"unread: {error}"']
)
def test_the_walk_sees(line: str) -> None:
    assert list(_spoken(ast.parse(SEEN + line)))


# What they write is read by the program that began them, which hands it on to be worded.
HANDED_ON = ("bench/netboot/files.py",)


def test_nothing_goes_round_the_translation() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {what}"
        for room in ("bench", "labels")
        for path in sorted(Path(ROOT / room).rglob("*.py"))
        for line, what in _spoken(ast.parse(path.read_text("utf-8")))
        if str(path.relative_to(ROOT)) not in HANDED_ON
    ]
    # `LogoRefused` is one of our codes, and the words of the bug sentence are for who mends it.
    assert found == ["bench/documents/logo.py:41 f-string"]


def test_each_code_of_a_recording_has_its_words() -> None:
    tree = ast.parse((ROOT / "diagnostics/recording/store.py").read_text("utf-8"))
    codes = {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "CaptureError"
        and isinstance(call.args[0], ast.Constant)
    }
    assert codes and {f"why.{code}" for code in codes} == {
        key for key in catalogue("fr", "capture") if key.startswith("why.")
    }
