"""Screen light and video sockets."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested
from diagnostics.checks.model import CheckReason, CheckResult, Progress
from diagnostics.command import Runner
from diagnostics.sources.coerce import integer

DRM = "/sys/class/drm"
BACKLIGHT = "/sys/class/backlight"
HOLD_S = 1.0
DIM_PERCENT = 10
_CONNECTOR = re.compile(r"card\d+-(.+)")
_INTERNAL = re.compile(r"(eDP|LVDS|DSI|DPI)-")


class Connector(msgspec.Struct, frozen=True):
    name: str
    connected: bool | None
    enabled: bool | None
    edid_bytes: int

    @property
    def internal(self) -> bool:
        return _INTERNAL.match(self.name) is not None


def connectors(runner: Runner) -> tuple[Connector, ...] | None:
    """All display connectors; `None` without a graphics driver that shows any."""
    names = runner.names(DRM)
    if names is None:
        return None
    found = []
    for name in names:
        if (matched := _CONNECTOR.fullmatch(name)) is None:
            continue
        base = f"{DRM}/{name}"
        status, on = runner.read(f"{base}/status").text, runner.read(f"{base}/enabled").text
        found.append(
            Connector(
                matched[1],
                {"connected": True, "disconnected": False}.get(status or ""),
                {"enabled": True, "disabled": False}.get(on or ""),
                len(runner.read(f"{base}/edid").data or b""),
            )
        )
    return tuple(found)


def judge_video(found: tuple[Connector, ...] | None) -> CheckResult:
    """A screen answers on an outer socket and is driven: the worker reads on it right now."""
    if found is None:
        return untestable("video", CheckReason.UNREADABLE)
    outer = [output for output in found if not output.internal]
    lit = [
        output
        for output in outer
        if output.connected and output.enabled and output.edid_bytes >= 128
    ]
    evidence: dict[str, int | str] = {"sockets": len(outer), "screens": len(lit)}
    if lit:
        return passed("video", {**evidence, "socket": lit[0].name})
    return untestable("video", CheckReason.NO_DISPLAY, evidence)


def run_video(context: CheckContext) -> CheckResult:
    """One look; a recording answers as well."""
    found = connectors(context.runner)
    if found is None and not context.live:
        return untestable("video", CheckReason.UNRECORDED)
    return judge_video(found)


class Light(msgspec.Struct, frozen=True):
    """A screen light: where its brightness is set, and its values."""

    path: str
    now: int
    most: int


def light(runner: Runner) -> Light | None:
    """The first screen light that can be read."""
    for name in runner.names(BACKLIGHT) or ():
        base = f"{BACKLIGHT}/{name}"
        now = integer(runner.read(f"{base}/brightness").text, 0, 10**9)
        most = integer(runner.read(f"{base}/max_brightness").text, 1, 10**9)
        if now is not None and most is not None:
            return Light(f"{base}/brightness", now, most)
    return None


def write(path: str, value: int) -> None:
    """Set a light. Raises `OSError`."""
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def run_backlight(context: CheckContext, act: Callable[[str, int], None] = write) -> CheckResult:
    """Dim, then bright, then as it was; only eyes can tell whether it changed."""
    if not context.live:
        return untestable("backlight", CheckReason.UNRECORDED)
    found = light(context.runner)
    if found is None:
        return untestable("backlight", CheckReason.UNREADABLE)
    dim = max(1, found.most * DIM_PERCENT // 100)
    taken: list[bool] = []
    try:
        for number, value in enumerate((dim, found.most, dim, found.most)):
            act(found.path, value)
            context.wait(HOLD_S)
            taken.append(_settled(context.runner, found.path, value))
            context.report(Progress("backlight", number + 1, 4))
    except PermissionError:
        return untestable("backlight", CheckReason.DENIED)
    except OSError:
        return failed("backlight", CheckReason.UNREADABLE)
    finally:
        _restore(act, found)
    if not all(taken):
        return failed("backlight", CheckReason.UNREADABLE, {"levels": found.most})
    return untested("backlight", CheckReason.OK, {"levels": found.most})


def _settled(runner: Runner, path: str, value: int) -> bool:
    return integer(runner.read(path).text, 0, 10**9) == value


def _restore(act: Callable[[str, int], None], found: Light) -> None:
    try:
        # Never leave a screen dark: somebody has to read the next question.
        act(found.path, found.now if found.now * 5 > found.most else found.most)
    except OSError:
        pass
