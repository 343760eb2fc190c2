"""`etabli verify FILE|CODE|-`: is it whole, who signed, are they known, what does it say."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import sentence, tell, tell_json
from bench.exchange.signers import Answer, Signers, read_signers, recorded
from bench.opening.context import Context
from bench.setup.given import given_file
from bench.words.catalogue import find, say

_MAX_BAG_BYTES = 256 << 20  # of a bag on stdin
_CODES = {Answer.KNOWN: Exit.DONE, Answer.UNKNOWN: Exit.UNKNOWN, Answer.BAD: Exit.FINDING}
# What people have beside the signed file, by how it begins.
_OTHERS = {
    b"%PDF": "verify_is_sheet",
    b"\x89PNG": "verify_is_picture",
    b"\xff\xd8\xff": "verify_is_picture",
    b"SQLite format 3": "verify_unknown",
}
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")  # what a scanner may put before: the kind of code


class Shown(msgspec.Struct, frozen=True):
    """An answer as it is told: the same in words, in JSON and in the exit code."""

    what: str
    answer: Answer
    kind: str
    facts: dict[str, Any]  # for JSON alone
    lines: tuple[str, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()  # code and sentence
    first: str = ""  # the first line, where it is not that of signed things


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="FICHIER|CODE|-", help=say("cli.verify_path"))
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 whole and of somebody known, 5 whole and of nobody known, 1 with what is wrong.

    Needs no network, and nothing that can be written.
    """
    return _told(_answer(arguments.what, context), arguments.json)


def _answer(what: str, context: Context) -> Shown:
    from bench.documents.shortcode import in_text

    if what == "-":
        return _stream(context)
    if in_text(what):
        return _code(what, "QR", context)
    path = Path(what)
    if _is_file(path):
        return _file(path, context)
    return _unsigned(what, context)


def _is_file(path: Path) -> bool:
    """What was scanned may be longer than any name, or no name at all."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_there(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _file(path: Path, context: Context) -> Shown:
    from bench.documents.signed import MAX_BYTES

    try:
        with path.open("rb") as file:
            start = file.read(4)
            if path.suffix == ".zip" or start.startswith(b"PK"):
                return _bag(path, str(path), context)
            data = start + file.read(MAX_BYTES)  # one byte more than any paper has
    except OSError as error:
        raise Failure("file_unreadable", Exit.MACHINE, path=path, why=error) from error
    _must_be_signed(data, path)
    return _bytes(data, str(path), context)


def _must_be_signed(data: bytes, what: object) -> None:
    """What is plainly another thing is no forgery of ours: nothing is said against it.

    Raises `Failure`."""
    for start, code in _OTHERS.items():
        if data.startswith(start):
            raise Failure(code, Exit.USAGE, path=what)


def _stream(context: Context) -> Shown:
    """What a scanner types or a person pastes, or a file in a pipe."""
    data = _typed() if sys.stdin.isatty() else sys.stdin.buffer.read(_MAX_BAG_BYTES + 1)
    if data.startswith(b"PK"):
        with tempfile.NamedTemporaryFile(suffix=".zip") as file:
            file.write(data)
            file.flush()
            return _bag(Path(file.name), "-", context)
    _must_be_signed(data, "-")
    from bench.documents.shortcode import in_text

    text = _decoded(data)
    if data.lstrip()[:1] in (b"{", b"") or in_text(text) or len(text) > 100:
        return _bytes(data, "-", context)
    return _unsigned(text.strip(), context)


def _typed() -> bytes:
    """Lines until one whole code is there, or an empty one: nobody has to know of Ctrl-D."""
    from bench.documents.shortcode import in_text, verify_code

    data = b""
    for line in sys.stdin.buffer:
        data += line
        text = _decoded(data)
        if not line.strip() or not in_text(text) or verify_code(text).key_id:
            break
    return data


def _decoded(data: bytes) -> str:
    """Text as telephones and Windows save it."""
    from bench.documents.shortcode import MAX_TEXT

    start = data[: 2 * MAX_TEXT]
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return start.decode("utf-16" if wide else "utf-8-sig", "replace")


def _bytes(data: bytes, what: str, context: Context) -> Shown:
    from bench.documents.papers import verify_paper
    from bench.documents.said import of_paper
    from bench.documents.shortcode import in_text

    text = _decoded(data)
    if in_text(text):
        return _code(text, what, context)
    signers = read_signers(context.data.database)
    return _paper(of_paper(verify_paper(data, signers)), what, signers)


def _code(text: str, what: str, context: Context) -> Shown:
    from bench.documents.said import of_paper
    from bench.documents.shortcode import verify_code

    signers = read_signers(context.data.database)
    found = verify_code(
        text, trusted=signers.trusted, revoked=signers.revoked, on_record=signers.on_record
    )
    return _paper(of_paper(found), what, signers)


def _paper(said: Any, what: str, signers: Signers) -> Shown:
    found = said.answer
    facts = {
        "signer": found.signer,
        "trust": found.trust,
        "key": found.key_id,
        "fingerprint": found.fingerprint,
        "voice": found.voice,
        "issued_at": found.issued_at,
        "payload": found.payload,
    }
    lines = list(said.lines)
    if lines and found.answer is Answer.UNKNOWN:
        lines.insert(0, say("verify.claims"))
    if found.key_id:
        voice = (found.voice or "file", found.fingerprint)
        lines[:0] = _who(found.answer, found.signer, said.claimed, found.issued_at, voice)
    findings = [(f.code, _finding(f.code, f.value)) for f in found.findings]
    return Shown(
        what, found.answer, found.kind, facts, tuple(lines), (*findings, *_trouble(signers))
    )


def _who(answer: Answer, known: str, claimed: str, at: str, voice: tuple[str, str]) -> list[str]:
    """A name is what somebody called himself; the fingerprint is what can be compared.

    `voice`: whose fingerprint, and it. Of what is bad there is none.
    """
    from bench.documents.wording import time_text

    said = "who" if known else "claimed"
    lines = [say(f"verify.{said}", who=known or claimed or "?", at=time_text(at) or "?")]
    whose, shown = voice
    if shown or (answer is Answer.UNKNOWN and whose == "file"):
        lines.append(say(f"verify.voice_{whose}", fingerprint=shown))
    return lines


def _bag(path: Path, what: str, context: Context) -> Shown:
    """A bag: every byte, hash and signature, then whether who sealed it is known here."""
    from bench.exchange.verify import verify_bag

    found, signers = verify_bag(path), read_signers(context.data.database)
    findings = [(f.code, _bag_sentence(f.code, f.values)) for f in found.findings]
    facts: dict[str, Any] = {"when": found.when, "content": msgspec.to_builtins(found.what)}
    if found.who is None or found.what is None:
        findings += _trouble(signers)
        return Shown(what, Answer.BAD, "bag", facts | {"who": None}, (), tuple(findings))
    answer, said = found.who.known_to(signers)
    # Of what is refused no fingerprint is told: nobody shall copy from here what to trust.
    who = structs.replace(found.who, fingerprint="") if answer is Answer.BAD else found.who
    facts["who"] = msgspec.to_builtins(who)
    findings += [(code, _finding(code, who.bench)) for code in said]
    known = (who.name or who.bench) if answer is Answer.KNOWN else ""
    voice = ("workshop", who.fingerprint)
    lines = (
        *_who(answer, known, who.name, found.when, voice),
        say("verify.bag", **facts["content"]),
    )
    return Shown(what, answer, "bag", facts, lines, (*findings, *_trouble(signers)))


def _bag_sentence(code: str, values: dict[str, object]) -> str:
    for area in ("exchange.errors", "exchange.finding", "records.errors"):
        if find(f"{area}.{code}") is not None:
            return sentence(Failure(f"{area}.{code}", Exit.FINDING, **values))
    return sentence(Failure(code, Exit.FINDING, **values))


def _unsigned(text: str, context: Context) -> Shown:
    """A number or code of a label or of the planche: right or wrong, and never a proof."""
    from labels import identifier

    bare = _AIM.sub("", text.strip())
    found = identifier.parse(bare)
    asset = str(found) if isinstance(found, identifier.Identifier) else ""
    kind = _kind(bare, asset, context)
    shown = asset or bare
    facts = {"signed": False, "text": shown}
    if kind:
        first = say(f"verify.label.{kind}", text=shown)
        lines = (say("verify.label.unsigned"),)
        return Shown(shown, Answer.KNOWN, kind, facts, lines, first=first)
    if asset:
        first = say("verify.label.unknown", text=shown)
        lines = (say("verify.label.unsigned"),)
        return Shown(shown, Answer.UNKNOWN, "asset", facts, lines, first=first)
    if _is_there(text):
        given_file(text)  # which says what is there
    if isinstance(found, identifier.Wrong) and found.code in ("check", "missing_check"):
        suggestion = " / ".join(found.suggestions[:3]) or "?"
        raise Failure("asset_bad", Exit.FINDING, text=bare, suggestion=suggestion)
    if len(bare) < 40 and "/" not in bare and "." not in bare:
        raise Failure("asset_malformed", Exit.FINDING, text=bare)
    raise Failure("file_missing", Exit.USAGE, path=text[:200])


def _kind(text: str, asset: str, context: Context) -> str:
    """What this bench knows it as: a machine's number, a lot, an action, a badge; or nothing."""
    from bench.guide.card import meaning
    from bench.guide.scan import layouts, readings
    from bench.setup import people
    from bench.setup.settings import load

    spellings = tuple({text, *readings(text), *(keys.upper() for keys in layouts(text))})
    if any(meaning(spelling) for spelling in spellings):
        return "action"
    try:
        known = people.read(context.data.database, load(context.data.path))
    except Failure:
        known = ()
    if {person.code.upper() for person in known} & set(spellings):
        return "badge"
    return recorded(context.data.database, asset, spellings)


def _finding(code: str, value: str) -> str:
    text = find(f"verify.finding.{code}") or code
    return f"{text} ({value})" if value else text


def _trouble(signers: Signers) -> list[tuple[str, str]]:
    if not signers.trouble:
        return []
    return [("record_unreadable", _finding("record_unreadable", signers.trouble))]


def _told(shown: Shown, as_json: bool) -> int:
    if as_json:
        head = {"what": shown.what, "ok": shown.answer is Answer.KNOWN}
        findings = [{"code": code, "text": text} for code, text in shown.findings]
        body = {"answer": shown.answer.value, "kind": shown.kind, **shown.facts}
        tell_json({**head, **body, "findings": findings}, indent=2)
        return int(_CODES[shown.answer])
    tell(shown.first or say(f"verify.{shown.answer.value}", what=shown.what))
    for line in shown.lines:
        tell(f"  {line}")
    for _, text in shown.findings:
        tell(f"  - {text}")
    return int(_CODES[shown.answer])
