"""`etabli log`: the signed records themselves, and the keys that sign them."""

from __future__ import annotations

import argparse
import itertools
import json
from typing import TYPE_CHECKING

from bench.errors.arguments import some
from bench.errors.failure import Exit
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.opening.under_way import under_way
from bench.words.catalogue import filled_or_bare, find, say

if TYPE_CHECKING:
    from bench.records.audit import AuditFinding, AuditReport
    from bench.records.log import Log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("action", choices=tuple(_ACTIONS), help=say("records.log.help_action"))
    add("--device", metavar="CODE", help=say("records.log.help_device"))
    add("--limit", type=int, default=50, metavar="N", help=say("records.log.help_limit"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when all is sound, 1 when something was altered or the tables were wrong."""
    some(arguments.limit)
    # Checking must not write: after `restore` the bench's newer events may be elsewhere yet.
    log = context.open_log(record_jobs=arguments.action == "show")
    try:
        return _ACTIONS[arguments.action](log, arguments)
    finally:
        log.store.close()


def _verify(log: Log, arguments: argparse.Namespace) -> int:
    report = log.verify()
    state = log.store.state_hash()
    code = int(Exit.DONE if report.ok else Exit.FINDING)
    if arguments.json:
        import msgspec

        shown = msgspec.to_builtins(report) | {"state": state}
        tell_json(shown, indent=2)
        return code
    _tell(report)
    tell(say("records.log.state", hash=state))
    return code


def _tell(report: AuditReport) -> None:
    if report.ok:
        tell(say("records.log.good", events=report.events, benches=report.benches))
    else:
        tell(say("records.log.bad", count=report.damage_count, events=report.events))
    for finding in report.damage:
        tell("  - " + _finding(finding))
    if report.notice_count:
        tell(say("records.log.notices", count=report.notice_count))
    for finding in report.notices:
        tell("  - " + _finding(finding))
    for bench in report.packs_only:
        tell(say("records.log.packs_only", bench=bench[:8]))


def _finding(finding: AuditFinding) -> str:
    text = find(f"records.finding.{finding.code}") or finding.code
    values = {"bench": finding.bench[:8], "seq": finding.seq, "detail": finding.detail}
    return filled_or_bare(text, values)


def _rebuild(log: Log, arguments: argparse.Namespace) -> int:
    before = log.store.state_hash()
    with under_way(say("records.log.rebuilding")) as progress:
        log.store.rebuild(progress)
    after = log.store.state_hash()
    tell(say("records.log.rebuilt", events=log.store.count()))
    tell(say("records.log.same" if before == after else "records.log.different"))
    tell(say("records.log.state", hash=after))
    return int(Exit.DONE if before == after else Exit.FINDING)


def _show(log: Log, arguments: argparse.Namespace) -> int:
    import msgspec

    from bench.records.day.actions import find_machine

    device = find_machine(log, arguments.device) if arguments.device else ""
    chosen = list(itertools.islice(log.newest(device), arguments.limit))
    if arguments.json:
        tell_json([msgspec.to_builtins(event) for event in chosen])
        return int(Exit.DONE)
    for event in chosen:
        facts = json.dumps(event.data, ensure_ascii=False)
        shown = facts if len(facts) <= 120 else facts[:119] + "…"
        tell(f"{event.at}  {event.bench[:8]}/{event.seq}  {event.type}  {event.operator}  {shown}")
    return int(Exit.DONE)


_ACTIONS = {"verify": _verify, "rebuild": _rebuild, "show": _show}
