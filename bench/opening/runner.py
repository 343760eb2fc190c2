"""Which machine is asked: the one we run on, or a recorded one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.setup import services
from diagnostics.command import Runner, System

if TYPE_CHECKING:
    from bench.errors.failure import Exit, Failure
    from diagnostics.recording.store import CaptureError


def runner(replay: str | None = None) -> Runner:
    """A runner on this machine, or on a recording (folder or zip).

    Raises `Failure("capture_bad")` when the recording cannot be used.
    """
    if replay is None:
        probe = services.socket("probe")
        if probe is None:
            return System()
        from diagnostics.served.client import Served

        return Served(probe)
    from bench.errors.failure import Exit
    from diagnostics.recording.capture import Replay
    from diagnostics.recording.store import CaptureError

    try:
        return Replay(replay)
    except CaptureError as error:
        raise not_taken("capture_bad", replay, error, Exit.USAGE) from error


def not_taken(code: str, path: object, error: CaptureError, exit_code: Exit) -> Failure:
    """What a recording cannot be used or written for, in words."""
    from bench.errors.failure import Failure
    from bench.words.catalogue import say

    return Failure(code, exit_code, path=path, why=say(f"capture.why.{error.code}", **error.values))
