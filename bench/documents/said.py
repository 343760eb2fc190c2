"""What a checked paper says, in lines: only what was checked to be there, in words we have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from bench.casefile.erasure import CLAIMS
from bench.documents import wording
from bench.documents.attestation import Attestation
from bench.documents.signed import ATTESTATION, Verification
from bench.words.catalogue import find, say

MAX_DISKS = 40  # said one by one; the PDF and --json have them all


class Said(NamedTuple):
    answer: Verification
    lines: tuple[str, ...]
    claimed: str  # the name of who issued it, as the paper has it


def of_paper(answer: Verification) -> Said:
    """Lines and claimed issuer of a paper or of a code; none of what is not to be believed."""
    payload = answer.payload or {}
    workshop = payload.get("workshop")
    name = workshop.get("name") if isinstance(workshop, dict) else None
    return Said(answer, tuple(_lines(answer.kind, payload)), name if isinstance(name, str) else "")


def _lines(kind: str, payload: dict[str, Any]) -> Iterator[str]:
    if not payload:
        return
    if kind == ATTESTATION:
        yield from _attestation(msgspec.convert(payload, Attestation))
        return
    about = payload.get("asset") or payload.get("lot") or ""
    yield " ".join(str(part) for part in (payload.get("number"), about) if part)
    if kind.startswith("code:"):
        for name, count in payload["counts"].items():
            yield say("verify.line", name=_word(name), value=count)
        for name, value in payload["named"]:
            yield say("verify.line", name=_named(name), value=_word(value))


def _attestation(attestation: Attestation) -> Iterator[str]:
    """What exactly is attested, one line a disk."""
    yield wording.summary(attestation)[0]
    disks = attestation.disks
    for disk in disks[:MAX_DISKS]:
        name = _named(disk.model, disk.serial)
        yield say("verify.line", name=name, value=wording.result_line(disk))

    if len(disks) > MAX_DISKS:
        yield say("verify.more", count=len(disks) - MAX_DISKS)
    yield from _few(wording.systems_lines(attestation))


def _named(*told: str | None) -> str:
    """What a disk tells of itself: no sign stands for what it does not."""
    return " ".join(part for part in told if part) or say("review.disk_unnamed")


def _few(lines: list[str]) -> list[str]:
    more = [say("verify.more", count=len(lines) - MAX_DISKS)] if len(lines) > MAX_DISKS else []
    return lines[:MAX_DISKS] + more


def _word(name: str) -> str:
    return find(f"documents.claim.{name}") or name if name in CLAIMS else name
