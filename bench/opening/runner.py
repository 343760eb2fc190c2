"""Which machine is asked: the one we run on, or a recorded one."""

from __future__ import annotations

from bench.setup import services
from diagnostics.command import Runner, System


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
    from bench.errors.failure import Exit, Failure
    from diagnostics.recording.capture import Replay
    from diagnostics.recording.store import CaptureError

    try:
        return Replay(replay)
    except CaptureError as error:
        raise Failure("capture_bad", Exit.USAGE, path=replay, why=error.code) from error
