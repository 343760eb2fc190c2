"""`etabli review`: the supervisor's day, closing it, and opening it again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening import supervisor
from bench.opening.context import Context
from bench.screens.kit import times
from bench.upkeep.backups import back_up_and_tell
from bench.words.catalogue import say
from bench.words.dates import day_text
from bench.workbench.review_words import (
    closing_lines,
    conflict_text,
    detail_text,
    known_as,
    notice_text,
    pack_detail,
    pack_name,
    point,
    subject_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.packs.shelf import Pack
    from bench.records.day.review import DayCases, Review
    from bench.records.log import Log
    from bench.records.store import Store

_LISTS = (
    "blocked",
    "erasures_bad",
    "erasures_unproven",
    "disks_missing",
    "locks",
    "unlabelled",
    "ungraded",
    "without_donor",
    "far_grades",
)
_FIRST = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--day", metavar="AAAA-MM-JJ", help=say("review.help_day"))
    add("--close", action="store_true", help=say("review.help_close"))
    add("--reopen", default=None, metavar="RAISON", help=say("review.help_reopen"))
    add("--print", type=Path, default=None, metavar="FICHIER", help=say("review.help_print"))
    add("--span", choices=("day", "week", "month"), default=None, help=say("sums.help_span"))
    add("--operator", default="", metavar="CODE", help=say("review.help_operator"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when the day may be closed (or was), 1 when something blocks it; of figures 0."""
    from bench.packs.shelf import gone, waiting
    from bench.records.day import review

    if arguments.span is not None:
        return _figures(arguments, context)

    today = context.clock.now().date().isoformat()
    day = review.read_day(arguments.day) if arguments.day else today
    if day > today:
        raise Failure("day_to_come", Exit.USAGE, day=day)
    if arguments.print is not None:
        from bench.setup.files import free_name

        free_name(arguments.print)
    log = context.open_log()
    closed = False
    try:
        if arguments.reopen is not None:
            _reopen(log, day, arguments, context)
        found, rules = review.review(log, day), [*waiting(log), *gone(log)]
        if not arguments.json:
            _tell(found, log.store, rules, closes=arguments.close and found.can_close)
        if arguments.close and found.can_close:
            closed = _close(log, found, arguments, context)
            found = review.review(log, day)
        if arguments.print is not None:
            _print(log, found, arguments.print, context)
    finally:
        log.store.close()
    if closed:
        back_up_and_tell(context)
    if arguments.print is not None and not arguments.json:
        tell(say("day_list.kept", path=arguments.print))
    if arguments.json:
        import msgspec

        shown = msgspec.to_builtins(found) | {"can_close": found.can_close}
        shown["packs"] = [pack._asdict() for pack in rules]
        tell_json(shown, indent=2)
    elif arguments.close and found.can_close:
        tell(say("review.closed", day=day_text(found.day)) if closed else say("review.kept_open"))
    return int(Exit.DONE if found.can_close else Exit.FINDING)


def _figures(arguments: argparse.Namespace, context: Context) -> int:
    """The last days, weeks or months, up to the day that is named."""
    import datetime

    import msgspec

    from bench.records.day.review import read_day
    from bench.records.day.sums import Span, sums
    from bench.workbench.sums import lines_of

    for option, given in (
        ("--close", arguments.close),
        ("--reopen", arguments.reopen is not None),
        ("--print", arguments.print is not None),
    ):
        if given:
            detail = f"{option}, --span {arguments.span}"
            raise Failure("usage", Exit.USAGE, detail=detail, usage="etabli review --help")
    today = context.clock.now().date().isoformat()
    span, day = Span(arguments.span), read_day(arguments.day) if arguments.day else today
    if day > today:
        raise Failure("day_to_come", Exit.USAGE, day=day)
    log = context.open_log()
    try:
        found = sums(log.store, span, datetime.date.fromisoformat(day))
    finally:
        log.store.close()
    if arguments.json:
        tell_json(msgspec.to_builtins(found), indent=2)
        return int(Exit.DONE)
    shown = lines_of(found, span)
    width = max(len(name) for name, _ in shown.lines)
    for name, line in shown.lines:
        tell(f"{name:<{width}}  {line}")
    return int(Exit.DONE)


def _print(log: Log, found: Review, path: Path, context: Context) -> None:
    from bench.setup.settings import load
    from bench.workbench.day_list import keep_day_list
    from bench.workbench.points import Points

    findings = Points(log).findings(found)
    settings = load(context.data.path)
    keep_day_list(log, settings, path.parent, found, findings, name=path.name)


def _reopen(log: Log, day: str, arguments: argparse.Namespace, context: Context) -> None:
    from bench.records.day import actions

    operator = supervisor.who(arguments.operator, context.operator)
    actions.reopen_day(log, day, reason=arguments.reopen, operator=operator)
    if not arguments.json:
        tell(say("review.reopened", day=day_text(day)))


def _close(log: Log, found: Review, arguments: argparse.Namespace, context: Context) -> bool:
    """Ask once more where points are open, then close; gives whether it was."""
    from bench.records.day import actions

    question = say("review.close_ask", count=found.open_count)
    if found.open_count and not supervisor.agrees(question):
        return False
    actions.close_day(log, found.day, operator=supervisor.who(arguments.operator, context.operator))
    return True


def _tell(found: Review, store: Store, rules: Sequence[Pack] = (), *, closes: bool = False) -> None:
    tell(say("review.title", day=day_text(found.day)))
    for bench in found.benches:
        name = bench.name or bench.bench[:8]
        figures = {"arrived": bench.arrived, "finished": bench.finished, "blocked": bench.blocked}
        tell("  " + say("review.bench", name=name, **figures))
    if not found.benches and not rules:
        tell("  " + say("review.empty"))
    for line in closing_lines(found):
        tell("  " + line)
    for name in _LISTS:
        _tell_cases(name, getattr(found, name))
    for shared in found.duplicates:
        what = say(f"review.duplicate.{shared.kind}", value=shared.value)
        tell(f"{what} : {', '.join(known_as(store, device) for device in shared.devices)}")
    if found.to_arbitrate_count:
        tell(say("review.to_arbitrate", count=found.to_arbitrate_count))
        for conflict in found.to_arbitrate[:_FIRST]:
            other = (known_as(store, conflict.other),) if conflict.other else ()
            subject = ", ".join((subject_text(store, conflict), *other))
            tell(f"  - {conflict_text(conflict)} : {subject}")
    for pack in rules:
        taken_back = pack.state == "withdrawn"
        words, detail = ("pack_gone", pack.reason) if taken_back else ("pack", pack_detail(pack))
        tell(point(words, pack_name(pack), detail))
    _tell_sums(found)
    for notice in found.warnings:
        tell("! " + notice_text("warning", notice))
    for notice in found.blocking:
        tell("x " + notice_text("blocking", notice))
    if not closes:  # else what became of it is said
        tell(_standing(found))


def _standing(found: Review) -> str:
    if found.closed_here:
        return say("review.closed", day=day_text(found.day))
    return say("review.can_close" if found.can_close else "review.cannot_close")


def _tell_cases(name: str, cases: DayCases) -> None:
    if not cases.count:
        return
    count = f"{cases.count}+" if cases.more else str(cases.count)
    tell(say(f"review.list.{name}", count=count))
    for case in cases.shown[:_FIRST]:
        detail = detail_text(name, case)
        tell(f"  - {case.asset or case.device[:13]}  {detail}".rstrip())


def _tell_sums(found: Review) -> None:
    for kind, grams in found.waste_g.items():
        tell(say("review.waste", kind=kind, kilograms=f"{grams / 1000:.1f}"))
    for step, minutes in found.minutes_by_step.items():
        hours = f"{minutes // 60} h {minutes % 60:02d}"
        tell(say("review.hours", step=step, hours=hours))
    if found.last_export_at:
        tell(say("review.last_export", at=times.moment(found.last_export_at)))
    if found.last_receipt_at:
        tell(say("review.last_receipt", at=times.moment(found.last_receipt_at)))
