"""`etabli` alone: the guided screens, on this machine or (`--demo`) on a recorded one."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bench.errors.failure import Exit, Failure
from bench.opening.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.carrying.carrier import Carrier
    from bench.console.app import Mark
    from bench.guide.port import Port
    from bench.records.log import Log
    from bench.upkeep.sending import Sending
    from bench.workbench.bench import Workbench

_COLUMNS, _ROWS = 80, 24


def _bench(demo: bool, context: Context) -> Workbench:
    if demo:
        from bench.demo.workbench import DemoWorkbench

        return DemoWorkbench(context)
    from bench.workbench.bench import Workbench

    return Workbench(context)


def see_terminal() -> None:
    """Raises `Failure` where the screens cannot be shown."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure("terminal", Exit.USAGE)
    size = os.get_terminal_size(sys.stdout.fileno())
    if size.columns < _COLUMNS or size.lines < _ROWS:
        shown = {"columns": size.columns, "rows": size.lines}
        raise Failure("terminal_small", Exit.USAGE, **shown)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show the screens until the worker leaves. Raises `Failure` without a real terminal."""
    see_terminal()
    if not arguments.demo:
        code = _prepare(arguments, context)
        if code is not None:
            return code
    bench = _bench(arguments.demo, context)
    try:
        from bench.console.app import run as show
        from bench.console.chime import Chime
        from bench.console.voice import Voice
        from bench.erasing.record import Recorder
        from bench.setup.live import volatile
        from bench.training.room import ExerciseRoom
        from bench.upkeep.backups import start, start_if_due
        from bench.workbench.day_list import keep_day_list
        from bench.workbench.finish import print_later
        from bench.workbench.learning import LessonsKept
        from bench.workbench.review import ReviewDesk
        from bench.workbench.stock import StockDesk
        from diagnostics.command import System

        bench.log.ask_supervisor = None  # the screens ask, on a page of their own
        settings = bench.settings
        copied = (bench.context.data.path, bench.context.clock, settings.backup)
        start_if_due(*copied)
        recorder = Recorder(bench.log, bench.context.data.jobs)
        exports = bench.context.data.path / "exports"
        papers = bench.context.data.documents
        review = ReviewDesk(
            bench.log,
            exports,
            lambda: start(*copied),
            recorder.sweep,
            partial(StockDesk, bench.log, settings, papers),
            send=partial(_send, bench.log) if bench.live else None,
            keep_list=partial(keep_day_list, bench.log, settings, papers),
            print_label=partial(print_later, bench.context, bench.log, settings),
            carrier=_carrier(exports) if bench.live else None,
        )
        mark: Mark | Callable[[], Mark] = "demo" if arguments.demo else ""
        if bench.live and volatile(System()):
            sending = bench.sending = _sending(bench.context)
            mark = partial(getattr, sending, "mark")  # as it is at each drawing
        return show(
            bench,
            supervision=review,
            training=ExerciseRoom(bench.people, LessonsKept(lambda: bench.log)),
            chimer=Chime(System()) if settings.sounds else None,
            voice=Voice(System()),  # of this bench, even where the machine is a recorded one
            language=arguments.lang or settings.language,
            mark=mark,
            switched=None if bench.sending is None else _switched(),
            bench_number=settings.bench,
            theme=settings.theme,
            ready=come_up,
        )
    finally:
        if bench.sending is not None:
            bench.sending.close()
        bench.close()


def _prepare(arguments: argparse.Namespace, context: Context) -> int | None:
    """Ask what must be known before a record is begun; the exit code where it was not told."""
    from bench.guide.starting import Needs
    from bench.hub import discovery
    from bench.setup.live import made, volatile
    from bench.workbench.start import StartBench

    starting = StartBench(context, made(), discovery.find)
    needs = starting.needs()
    if needs == Needs():
        return None
    from bench.console.app import run as show
    from bench.console.voice import Voice
    from bench.screens.book import start_book
    from diagnostics.command import System

    code = show(
        cast("Port", None),  # no bench is open yet, and none of these pages asks one
        book=start_book(starting, needs),
        voice=Voice(System()),
        language=arguments.lang,
        mark="volatile" if volatile(System()) else "",
        bench_number=None,
        ready=come_up,
    )
    return None if starting.finished else code


def _sending(context: Context) -> Sending:
    """Who sends what is in memory alone, begun."""
    from bench.hub import discovery
    from bench.upkeep.sending import Sending

    opened = partial(context.open_log, record_jobs=False)
    sending = Sending(context.data.path, opened, discovery.find)
    sending.start()
    return sending


def _switched() -> Callable[[], bool]:
    """Whether the power button was pressed since this was asked last (live/system/power)."""
    from bench.setup.live import switched_at

    last = switched_at()

    def switched() -> bool:
        nonlocal last
        before, last = last, switched_at()
        return last != before

    return switched


def _carrier(exports: Path) -> Carrier:
    """Who puts what goes out on a stick: this process, or the stick's service."""
    from bench.carrying.carrier import Own
    from bench.carrying.served import Served
    from bench.setup import services
    from diagnostics.command import System

    service = services.socket("carry")
    return Own(System()) if service is None else Served(service, exports)


def _send(log: Log) -> str:
    """Push to the workshop's server that is found; what became of it. Raises `RecordsError`."""
    from bench.commands.push import told
    from bench.exchange.push import choose, push
    from bench.hub.discovery import find

    return " ".join(told(push(log, choose(log, find()))))


def come_up() -> None:
    """Leave a mark that the first screen is there, where the live system asks for one: an update
    that comes so far is kept (live/system/etabli-came-up.path). Its services begin to start."""
    from bench.setup import services

    services.wake()
    if place := os.environ.get("ETABLI_CAME_UP"):
        from diagnostics import durable

        with contextlib.suppress(OSError):  # then the update is left: that is on the safe side
            durable.touch(Path(place))
