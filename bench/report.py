"""How a failure reaches the person: one line on stderr, what happened and what to do."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from bench.failure import Exit, Failure
from bench.words.catalogue import find, say


class Parser(argparse.ArgumentParser):
    """argparse, saying wrong use in one line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        usage = f"{self.prog} --help"
        print(say("errors.usage.say", detail=message, usage=usage), file=sys.stderr)
        sys.exit(int(Exit.USAGE))


def sentence(failure: Failure) -> str:
    """What a failure says: what and why, then what to do."""
    text = find(f"errors.{failure.code}.say")
    if text is None:
        details = ", ".join(f"{name}={value}" for name, value in failure.values.items())
        return say("errors.unworded.say", code=failure.code, details=details)
    hint = find(f"errors.{failure.code}.hint")
    whole = text if hint is None else f"{text} {hint}"
    return whole.format(**failure.values)


def complain(failure: Failure) -> None:
    print(f"etabli: {sentence(failure)}", file=sys.stderr)


def complain_unexpected(error: Exception) -> int:
    """A bug, or the machine giving way under us: one line, the rest with --debug."""
    full = isinstance(error, OSError)
    code = "os" if full else "bug"
    detail = f"{type(error).__name__}: {error}"
    print(f"etabli: {say(f'errors.{code}.say', detail=detail)}", file=sys.stderr)
    return int(Exit.MACHINE)
