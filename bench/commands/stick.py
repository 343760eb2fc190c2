"""`etabli stick`: write the stick that starts a PC, or make the place for its records."""

from __future__ import annotations

import argparse
import os
import time
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import complain, tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.stick.decide import Wish
    from bench.stick.make import Candidate, Written
    from bench.stick.source import Source
    from diagnostics.command import Runner


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="*", metavar="IMAGE DISQUE", help=say("stick.paths_help"))
    add("--confirm", default="", metavar="CODE", help=say("stick.confirm_help"))
    add("--plan-only", action="store_true", help=say("stick.plan_help"))
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--new", action="store_true", help=say("stick.new_help"))
    mode.add_argument("--keep-data", action="store_true", help=say("stick.keep_help"))
    mode.add_argument("--data-only", action="store_true", help=say("stick.data_help"))
    mode.add_argument("--update", action="store_true", help=say("stick.update_help"))
    mode.add_argument("--came-up", action="store_true", help=say("stick.came_up_help"))
    mode.add_argument("--release-key", action="store_true", help=say("stick.release_key_help"))
    mode.add_argument("--sign", metavar="KEY", help=say("stick.sign_help"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    from bench.erasing.candidates import same_code

    if arguments.update or arguments.came_up or arguments.release_key or arguments.sign:
        from bench.stick.renew import run as renew

        return renew(arguments, context)
    image, device = _paths(arguments)
    if os.geteuid() != 0:  # what is on the stick could not be read, and must be known
        raise Failure("not_root", Exit.MACHINE, what=say("stick.what", path=device))
    runner = context.runner()
    source, candidate = _weighed(arguments, runner, image, device)
    # Nothing is lost: the live system itself asks for it at its first start.
    asks = not (candidate.answer.own or candidate.answer.there)
    if arguments.plan_only:
        _show_plan(candidate, source, arguments)
        return int(Exit.DONE if candidate.answer.layout else Exit.REFUSED)
    if candidate.answer.layout is None:
        return _refuse(arguments, candidate, _refusal(candidate))
    if asks and not arguments.confirm:
        _show_plan(candidate, source, arguments)
        raise Failure("stick_unconfirmed", Exit.USAGE, wanted=candidate.confirm)
    if asks and not same_code(arguments.confirm, candidate.confirm):
        values = {"given": arguments.confirm, "path": candidate.target.path}
        return _refuse(arguments, candidate, Failure("stick_confirm_wrong", Exit.REFUSED, **values))
    return _write(arguments, context, runner, source, candidate)


def _paths(arguments: argparse.Namespace) -> tuple[str | None, str]:
    """The image, if one is named, and the stick."""
    paths = arguments.paths
    most = 1 if arguments.data_only else 2
    if not paths or len(paths) > most:
        raise Failure("stick_paths", Exit.USAGE)
    return (paths[0] if len(paths) == 2 else None), paths[-1]


def _wish(arguments: argparse.Namespace) -> Wish:
    from bench.stick.decide import Wish

    if arguments.data_only:
        return Wish.DATA
    if arguments.new:
        return Wish.NEW
    return Wish.KEEP if arguments.keep_data else Wish.WRITE


def _weighed(
    arguments: argparse.Namespace, runner: Runner, image: str | None, device: str
) -> tuple[Source | None, Candidate]:
    """`source` is `None` only for what is refused: a stick without an image of its own."""
    from bench.stick.make import weigh
    from bench.stick.source import from_boot_stick, from_file, of_stick
    from wipe.seen.reading import read_topology

    topology, wish = read_topology(runner), _wish(arguments)
    if arguments.data_only:
        candidate = weigh(runner, topology, device, wish, None)
        allowed = candidate.answer.layout is not None
        return (of_stick(runner, candidate.target.path) if allowed else None), candidate
    source = from_file(runner, image) if image else from_boot_stick(runner, topology)
    return source, weigh(runner, topology, device, wish, source.table)


def _write(
    arguments: argparse.Namespace,
    context: Context,
    runner: Runner,
    source: Source | None,
    candidate: Candidate,
) -> int:
    from bench.stick.live import Lines, live
    from bench.stick.make import make, make_data

    if source is None:
        raise Failure("stick_no_source", Exit.USAGE)
    wish, began = _wish(arguments), time.monotonic()
    try:
        with live() if not arguments.json else Lines(None) as board:
            if arguments.data_only:
                written = make_data(runner, candidate, source, board.show)
            else:
                written = make(
                    runner, candidate, source, wish, random=context.random, show=board.show
                )
    except Failure as failure:
        return _refuse(arguments, candidate, failure)
    except KeyboardInterrupt:
        tell(say("stick.interrupted"), error=True)
        return 130
    if arguments.json:
        tell_json(_plain(candidate) | _plain_written(written, time.monotonic() - began))
    else:
        tell(_done(arguments, candidate, written))
    return int(Exit.DONE)


def _done(arguments: argparse.Namespace, candidate: Candidate, written: Written) -> str:
    from bench.words.facts import gigabytes

    key = "kept" if arguments.keep_data else "done"
    if arguments.data_only:
        key = "made" if written.made else "there"
    size, path = gigabytes(written.data.size_bytes), candidate.target.path
    return say(f"stick.end.{key}", path=path, size=size, sha256=written.sha256)


def _refuse(arguments: argparse.Namespace, candidate: Candidate, failure: Failure) -> int:
    """In one line, and as JSON where that is asked for."""
    from bench.errors.sentence import sentence

    complain(failure)
    if arguments.json:
        reasons = _reasons(candidate) or [{"code": failure.code, "text": sentence(failure)}]
        status = "refused" if failure.exit_code is Exit.REFUSED else "failed"
        tell_json(_plain(candidate) | {"status": status, "reasons": reasons})
    return int(failure.exit_code)


def _refusal(candidate: Candidate) -> Failure:
    reasons = " ".join(reason["text"] for reason in _reasons(candidate))
    path = candidate.target.path
    return Failure("stick_refused", Exit.REFUSED, path=path, reasons=reasons)


def _reasons(candidate: Candidate) -> list[dict[str, str]]:
    from bench.words.facts import gigabytes
    from bench.words.reasons import plain_reasons

    own = [
        {
            "code": against.code.value,
            "text": say(
                f"stick.why.{against.code.value}",
                **{name: gigabytes(value) for name, value in against.values.items()},
            ),
        }
        for against in candidate.answer.against
    ]
    return [*plain_reasons(candidate.answer.guard), *own]


def _show_plan(candidate: Candidate, source: Source | None, arguments: argparse.Namespace) -> None:
    """The stick as a person compares it with the thing in the hand, and what becomes of it."""
    from bench.words.facts import gigabytes

    target = candidate.target
    if arguments.json:
        tell_json(_plain(candidate) | {"status": "planned", "reasons": _reasons(candidate)})
        return
    unknown = say("probe.unknown")
    tell(
        say(
            "stick.plan",
            path=target.path,
            size=gigabytes(target.size_bytes) or unknown,
            model=target.model or unknown,
            serial=target.serial or unknown,
        )
    )
    if candidate.answer.layout is None:
        for reason in _reasons(candidate):
            tell(f"  - {reason['text']}")
        return
    if source is not None and not arguments.data_only:
        tell(f"  - {say('stick.image', path=source.path, size=gigabytes(source.size_bytes))}")
    mode = "data" if arguments.data_only else "keep" if arguments.keep_data else "lost"
    tell(f"  - {say(f'stick.{mode}')}")
    if candidate.records and arguments.new:
        tell(f"  - {say('stick.records_lost')}")
    if not candidate.removable_bit:
        tell(f"  - {say('stick.enclosure')}")
    tell(say("stick.code", code=candidate.confirm))


def _plain(candidate: Candidate) -> dict[str, Any]:
    target, answer = candidate.target, candidate.answer
    return {
        "path": target.path,
        "model": target.model,
        "serial": target.serial,
        "size_bytes": target.size_bytes,
        "transport": target.transport,
        "confirm": candidate.confirm,
        "allowed": answer.layout is not None,
        "own": answer.own,
        "records": candidate.records,
    }


def _plain_written(written: Written, elapsed_s: float) -> dict[str, Any]:
    slot = written.slot
    return {
        "status": "done",
        "made": written.made,
        "image": {"sha256": written.sha256 or None, "size_bytes": written.image_bytes},
        "data": {"partuuid": written.data.uuid, "size_bytes": written.data.size_bytes},
        "slot": None if slot is None else {"partuuid": slot.uuid, "size_bytes": slot.size_bytes},
        "reasons": [],
        "elapsed_s": round(elapsed_s),
    }
