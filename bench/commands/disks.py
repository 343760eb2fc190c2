"""`etabli disks`: every disk, whether it may be erased, and what to type to say so."""

from __future__ import annotations

import argparse
from typing import Any

from bench.erasing.candidates import Candidate, asking, candidates
from bench.errors.sentence import show, tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say
from bench.words.reasons import plain_reasons, reason_text
from wipe.seen import naming


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from diagnostics.probe import probe

    runner = context.runner()
    found = candidates(runner, probe(runner).disks, asking(runner, context.data.jobs))
    if arguments.json:
        tell_json([_plain(candidate) for candidate in found], indent=2)
        return 0
    _print(found)
    return 0


def _plain(candidate: Candidate) -> dict[str, Any]:
    target = candidate.target
    return {
        "path": target.path,
        "model": target.model,
        "serial": target.serial,
        "serial_doubt": naming.doubt_of(target),
        "size_bytes": target.size_bytes,
        "transport": target.transport,
        "kind": target.disk_kind.value,
        "confirm": candidate.confirm,
        "guard": {"allowed": candidate.allowed, "reasons": plain_reasons(candidate.reasons)},
    }


def _print(found: list[Candidate]) -> None:
    from rich.table import Table
    from rich.text import Text

    from bench.words.facts import gigabytes

    if not found:
        tell(say("erase.no_disk"))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("path", "size", "model", "serial", "confirm", "answer"):
        table.add_column(say(f"erase.column.{name}"), overflow="fold")
    for candidate in found:
        target = candidate.target
        answer = (
            Text(say("erase.allowed"), style="green")
            if candidate.allowed
            else Text(" ".join(map(reason_text, candidate.reasons)), style="red")
        )
        table.add_row(
            target.path,
            gigabytes(target.size_bytes),
            target.model or "?",
            (target.serial if naming.own(target).named else None) or "?",
            candidate.confirm if candidate.allowed else "",
            answer,
        )
    show(table)
