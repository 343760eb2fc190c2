"""`etabli selftest DISK...`: the drive tests itself; the verdict then knows how it ended."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import language, say

if TYPE_CHECKING:
    from diagnostics.model import Disk
    from diagnostics.selftest.start import Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("disks", metavar="DISK", nargs="+", help=say("selftest.disks"))
    parser.add_argument("--long", action="store_true", help=say("selftest.long"))
    parser.add_argument("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Start, wait for the end, print; 1 when a test failed, 4 when a drive did not do it."""
    from bench.erasing.candidates import present
    from bench.erasing.free import free_of_work
    from diagnostics.probe import probe
    from diagnostics.selftest.start import Length, SelfTestState
    from diagnostics.selftest.watch import Watch
    from wipe.seen.reading import read_topology

    runner = context.runner()
    disks = probe(runner, second_readers=False).disks
    known = {disk.path: disk for disk in disks}
    paths = [runner.link(path) or path for path in arguments.disks]
    for path in paths:
        if path not in known:  # as `etabli disks` lists them, which every sentence sends to
            listed = {target.path for target in present(read_topology(runner), disks)}
            if path in listed:
                raise Failure("disk_untestable", Exit.MACHINE, path=path)
            raise Failure("disk_unknown", Exit.USAGE, path=path)
    free = free_of_work(runner, context.data.jobs)
    for path in paths:
        if not free(known[path]):
            raise Failure("disk_in_use", Exit.REFUSED, path=path)
    watch = Watch(runner, free)
    if not arguments.json:
        tell(say("selftest.begun", count=len(paths)), flush=True)
    watch.start([known[path] for path in paths], Length.LONG if arguments.long else Length.SHORT)
    try:
        watch.wait()
    except KeyboardInterrupt:
        tell(say("selftest.left"))
        return 130
    results = {result.path: result for result in watch.results()}
    fresh = {disk.path: disk for disk in watch.fresh()}
    for path in paths:
        _print(results.get(path), path, fresh.get(path), as_json=arguments.json)
    states = {
        results[path].state if path in results else SelfTestState.NOT_SUPPORTED for path in paths
    }
    if SelfTestState.FAILED in states:
        return Exit.FINDING
    return Exit.DONE if states == {SelfTestState.PASSED} else Exit.MACHINE


def _print(found: Result | None, path: str, fresh: Disk | None, *, as_json: bool) -> None:
    from diagnostics.health.verdict import verdict

    state = found.state.value if found is not None else "not_supported"
    judged = verdict(fresh, language=language()) if fresh is not None else None
    if as_json:
        answer: dict[str, Any] = {
            "path": path,
            "selftest": state,
            "why": found.why if found is not None else "",
            "first_error_lba": found.first_error_lba if found is not None else None,
            "verdict": judged.verdict.value if judged is not None else None,
            "reasons": [
                {
                    "rule": reason.rule,
                    "value": reason.value,
                    "threshold": reason.threshold,
                    "text": reason.text,
                }
                for reason in (judged.reasons if judged is not None else ())
            ],
        }
        tell_json(answer)
        return
    line = f"{path} : {say(f'selftest.state.{state}')}"
    reasons = " ".join(reason.text for reason in judged.reasons) if judged is not None else ""
    tell(f"{line} {reasons}".strip())
