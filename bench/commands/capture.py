"""`etabli capture`: keeps all that the probe read, so that the machine can be replayed."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.opening.runner import not_taken
from bench.words.catalogue import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="DIR|ZIP", type=Path, help=say("cli.out"))
    parser.add_argument("--anonymise", action="store_true", help=say("cli.anonymise"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Probe this machine through a recorder and write the recording."""
    from bench.setup.files import free_name
    from diagnostics.probe import probe
    from diagnostics.recording.capture import Recording
    from diagnostics.recording.store import CaptureError

    out: Path = arguments.out
    free_name(out)
    recording = Recording(context.runner())
    probe(recording, firmware_updates=True)
    try:
        count = recording.save(out, anonymise=arguments.anonymise)
    except CaptureError as error:
        raise not_taken("file_unwritable", out, error, Exit.MACHINE) from error
    except OSError as error:
        raise Failure("file_unwritable", Exit.MACHINE, path=out, why=error.strerror) from error
    tell(say("capture.done", path=out, count=count))
    return 0
