"""`etabli label`: a machine's label to a file or a printer, or sheets of new numbers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import language, say

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.setup.settings import Settings
    from labels.content import LabelContent

SAMPLE = "DEMO"
_TARGETS = ("png", "pdf", "svg", "ql", "zpl", "epl", "dymo", "pt", "escpos")
_SIZES = ("62x29", "89x36", "50x25", "90x24")
# A LabelWriter's head is 57 mm, a P-touch takes tape: their own where none is named.
_STOCK = {"dymo": "89x36", "pt": "90x24"}
QUEUE_ACTS = ("list", "send", "printed", "again", "cancel")
_SHEETS = {"3x7": 21, "3x8": 24}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("asset", nargs="?", metavar="CODE", help=say("labelling.asset"))
    add("--to", choices=_TARGETS, default="png", help=say("labelling.to"))
    add("--size", choices=_SIZES, default=None, help=say("labelling.size"))
    add("--dpi", type=int, choices=(180, 203, 300, 600), default=None, help=say("labelling.dpi"))
    add("--out", type=Path, metavar="F", help=say("cli.out"))
    add("--print", nargs="?", const="", metavar="ADRESSE", help=say("labelling.print"))
    add("--sheet", type=int, metavar="N", help=say("labelling.sheet"))
    add("--queue", nargs="?", const="list", choices=QUEUE_ACTS, help=say("labelling.queue"))
    add("--printers", action="store_true", help=say("labelling.printers"))
    add("--paper", choices=tuple(_SHEETS), default="3x7", help=say("labelling.paper"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.setup.settings import load

    if arguments.queue is not None or arguments.printers:
        from bench.labelling import queue_lines

        if arguments.printers:
            return queue_lines.show_printers(as_json=arguments.json)
        return queue_lines.queue_act(
            context, arguments.queue, arguments.asset, as_json=arguments.json
        )
    settings = load(context.data.path)
    if (arguments.sheet is None) == (arguments.asset is None):
        raise Failure("label_what", Exit.USAGE)
    if arguments.print is not None and arguments.asset is not None:
        return _print(settings, arguments, context)
    if arguments.out is None:
        raise Failure("label_where", Exit.USAGE)
    from bench.setup.files import free_name

    free_name(arguments.out)
    if arguments.asset is not None and arguments.asset.upper() == SAMPLE:
        return _sample(settings, arguments)
    log = context.open_log()
    try:
        if arguments.sheet is not None:
            return _sheet(log, settings, arguments)
        return _label(log, settings, arguments)
    finally:
        log.store.close()


def _label(log: Log, settings: Settings, arguments: argparse.Namespace) -> int:
    from bench.casefile import writing
    from bench.casefile.grade import final_grade
    from bench.casefile.numbers import read_asset
    from bench.labelling.content import content_of

    asset = read_asset(arguments.asset)
    device = writing.must_act(log, asset)
    content = content_of(log, device, asset, final_grade(log, device), settings)
    _write(content, settings, arguments)  # a file is no label yet: nothing says it was printed
    return int(Exit.DONE)


def _write(content: LabelContent, settings: Settings, arguments: argparse.Namespace) -> None:
    """Make it, read it back, write it."""
    from bench.setup.files import give
    from labels.make import make

    size = arguments.size or _STOCK.get(arguments.to, settings.label_size)
    options = {"die_cut": settings.die_cut} if arguments.to == "ql" else {}
    data = make(
        content, size=size, target=arguments.to, dpi=arguments.dpi, language=language(), **options
    )
    give(arguments.out, data)
    if arguments.json:
        tell_json({"asset": content.asset, "path": str(arguments.out)}, indent=2)
    else:
        tell(say("labelling.done", asset=content.asset, path=arguments.out), error=True)
    _tell_left_out(content)


def _tell_left_out(content: LabelContent) -> None:
    from labels.content import clean
    from labels.font import left_out

    texts = (content.title, *content.lines, content.site, content.erased_method)
    lost = left_out(*map(clean, texts))
    if lost:
        tell(say("labelling.left_out", letters=lost[:20]), error=True)


def _print(settings: Settings, arguments: argparse.Namespace, context: Context) -> int:
    """Through the durable queue of this bench; a printer that is off keeps the label."""
    from msgspec.structs import replace

    from bench.casefile import writing
    from bench.casefile.numbers import read_asset
    from bench.workbench.finish import print_machine_label

    printer = arguments.print or settings.printer
    if printer is None:
        raise Failure("label_no_printer", Exit.USAGE)
    language_of = arguments.to if arguments.to != "png" else settings.printer_language
    size = arguments.size or _STOCK.get(language_of, settings.label_size)
    chosen = replace(settings, printer=printer, printer_language=language_of, label_size=size)
    log = context.open_log()
    try:
        if arguments.asset.upper() == SAMPLE:
            return _print_sample(context, log, chosen, as_json=arguments.json)
        asset = read_asset(arguments.asset)
        device = writing.must_act(log, asset)
        answer = print_machine_label(context, log, device, asset, chosen)
    finally:
        log.store.close()
    return _printed(asset, answer.text, ok=answer.ok, as_json=arguments.json)


def _printed(asset: str, text: str, *, ok: bool, as_json: bool) -> int:
    if as_json:
        tell_json({"asset": asset, "printed": ok, "text": text}, indent=2)
    else:
        tell(text, error=not ok)
    return int(Exit.DONE if ok else Exit.MACHINE)


def _print_sample(context: Context, log: Log, settings: Settings, *, as_json: bool) -> int:
    """The same way as a real label, to try a printer; nothing is recorded."""
    from bench.demo.label import sample_content
    from bench.labelling.printing import print_content, said
    from labels.errors import LabelError

    try:
        error = print_content(context, log, sample_content(settings), settings)
    except LabelError as wrong:
        error = wrong
    text = say("workbench.label_printed") if error is None else said(error)
    return _printed(SAMPLE, text, ok=error is None, as_json=as_json)


def _sample(settings: Settings, arguments: argparse.Namespace) -> int:
    """A label of the demonstration's machine, to try a printer: nothing is recorded."""
    from bench.demo.label import sample_content

    _write(sample_content(settings), settings, arguments)
    return int(Exit.DONE)


def _sheet(log: Log, settings: Settings, arguments: argparse.Namespace) -> int:
    """Pre-numbered intake labels: the numbers are used up, stuck or not."""
    from bench.casefile.numbers import next_asset
    from bench.setup.files import give
    from labels.make import sheet

    if not 1 <= arguments.sheet <= 50:
        raise Failure("label_sheets", Exit.USAGE)
    count = arguments.sheet * _SHEETS[arguments.paper]
    numbers = [next_asset(log, settings) for _ in range(count)]
    data = sheet(numbers, sheet=arguments.paper, site=settings.site, language=language())
    give(arguments.out, data)
    if arguments.json:
        told = {"path": str(arguments.out), "first": numbers[0], "last": numbers[-1]}
        tell_json(told | {"count": count}, indent=2)
        return int(Exit.DONE)
    text = say("labelling.sheet_done", count=count, first=numbers[0], last=numbers[-1])
    tell(text, error=True)
    return int(Exit.DONE)
