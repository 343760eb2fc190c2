"""`etabli verify FILE|CODE`: is it ours, is it whole, who signed, what does it say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from bench.documents.signed import Verification

_MAX_BYTES = 64 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="FICHIER|CODE", help=say("cli.verify_path"))
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when whole and signed, 1 with what is wrong otherwise. Needs no network."""
    path = Path(arguments.what)
    if path.is_file():
        return _file(path, arguments.json, context)
    return _text(arguments.what, arguments.json, context)


def _file(path: Path, as_json: bool, context: Context) -> int:
    try:
        with path.open("rb") as file:
            start = file.read(4)
            rest = file.read(_MAX_BYTES)
    except OSError as error:
        raise Failure("file_unreadable", Exit.MACHINE, path=path, why=error.strerror) from error
    if path.suffix == ".zip" or start.startswith(b"PK"):
        return _bag(path, as_json)
    from bench.documents.signed import verify

    if start.startswith(b"ETAB"):
        return _text((start + rest).decode("ascii", "replace"), as_json, context)
    trusted, revoked = known_keys(context)
    return _tell(verify(start + rest, trusted=trusted, revoked=revoked), str(path), as_json)


def _bag(path: Path, as_json: bool) -> int:
    """A bag alone, without any store: every byte, hash and signature."""
    from bench.errors.sentence import sentence
    from bench.exchange.verify import verify_bag

    found = verify_bag(path)
    code = Exit.DONE if found.ok else Exit.FINDING
    wrong = [
        {
            "code": finding.code,
            "text": sentence(Failure(_bag_key(finding.code), Exit.FINDING, **finding.values)),
        }
        for finding in found.findings
    ]
    if as_json:
        import msgspec

        shown = {"what": str(path), "ok": found.ok, "kind": "bag", "when": found.when}
        shown |= {"who": msgspec.to_builtins(found.who), "content": msgspec.to_builtins(found.what)}
        tell_json({**shown, "findings": wrong}, indent=2)
        return int(code)
    tell(say("verify.good" if found.ok else "verify.bad", what=path))
    if found.who is not None and found.what is not None:
        who = found.who.name or found.who.bench
        tell(say("verify.who", who=who, fingerprint=found.who.fingerprint, at=found.when))
        what = found.what
        counts = {"events": what.events, "benches": what.benches, "machines": what.machines}
        tell("  " + say("verify.bag", attachments=what.attachments, **counts))
    for problem in wrong:
        tell(f"  - {problem['text']}")
    return int(code)


def _bag_key(code: str) -> str:
    """Where the sentence of a bag's finding is."""
    for area in ("exchange.errors", "exchange.finding", "records.errors"):
        if find(f"{area}.{code}") is not None:
            return f"{area}.{code}"
    return code


def _text(text: str, as_json: bool, context: Context) -> int:
    from bench.documents.shortcode import PREFIX, verify_code

    if text.strip().startswith(PREFIX):
        trusted, revoked = known_keys(context)
        return _tell(verify_code(text, trusted=trusted, revoked=revoked), "QR", as_json)
    from labels import identifier

    found = identifier.parse(text)
    if isinstance(found, identifier.Identifier):
        tell(say("verify.asset_good", asset=found))
        return int(Exit.DONE)
    if found.code in ("check", "missing_check"):
        suggestion = " / ".join(found.suggestions[:3]) or "?"
        raise Failure("asset_bad", Exit.FINDING, text=text, suggestion=suggestion)
    if len(text) < 40 and "/" not in text and "." not in text:
        raise Failure("asset_malformed", Exit.FINDING, text=text)
    raise Failure("file_missing", Exit.USAGE, path=text)


def known_keys(context: Context) -> tuple[dict[str, str], frozenset[str]]:
    """Names of the signers this bench knows, and those revoked; reading only."""
    if not context.data.database.is_file():
        return {}, frozenset()
    from bench.records.store import Store

    store = Store.open(context.data.database, read_only=True)
    try:
        rows = store.query("SELECT bench, name, revoked_after FROM bench")
    finally:
        store.close()
    trusted = {str(bench): str(name) for bench, name, revoked in rows if revoked is None}
    return trusted, frozenset(str(bench) for bench, _, revoked in rows if revoked is not None)


def _tell(answer: Verification, what: str, as_json: bool) -> int:
    code = Exit.DONE if answer.ok else Exit.FINDING
    if as_json:
        shown: dict[str, Any] = {
            "what": what,
            "ok": answer.ok,
            "kind": answer.kind,
            "signer": answer.signer,
            "trust": answer.trust,
            "key": answer.key_id,
            "issued_at": answer.issued_at,
            "findings": [
                {"code": f.code, "text": _finding(f.code, f.value)} for f in answer.findings
            ],
            "payload": answer.payload,
        }
        tell_json(shown, indent=2)
        return int(code)
    tell(say("verify.good" if answer.ok else "verify.bad", what=what))
    if answer.ok:
        who = answer.signer or say("verify.signer_unknown")
        tell(say("verify.who", who=who, fingerprint=answer.fingerprint, at=answer.issued_at))
        for line in _said(answer):
            tell(f"  {line}")
    for finding in answer.findings:
        tell(f"  - {_finding(finding.code, finding.value)}")
    return int(code)


def _said(answer: Verification) -> list[str]:
    """What exactly is attested, one line a disk."""
    payload = answer.payload or {}
    if answer.kind == "attestation":
        import msgspec

        from bench.documents import wording
        from bench.documents.attestation import Attestation

        attestation = msgspec.convert(payload, Attestation)
        lines = [wording.summary(attestation)[0]]
        for disk in attestation.disks:
            lines.append(f"{disk.model or '?'} {disk.serial or '?'}: {wording.result_line(disk)}")
        return lines
    named = payload.get("named") or ()
    return [f"{payload.get('asset', '')}", *(f"{serial}: {claim}" for serial, claim in named)]


def _finding(code: str, value: str) -> str:
    text = find(f"verify.finding.{code}") or code
    return f"{text} ({value})" if value else text
