"""Camera: it gives pictures that are neither black, nor one colour, nor always the same."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec

from diagnostics.checks import v4l2
from diagnostics.checks.context import CheckContext, failed, passed, untestable
from diagnostics.checks.model import CheckOutcome, CheckReason, CheckResult

ID = "camera"
FRAMES = 4
SKIP = 12  # half a second: automatic exposure starts dark
# YUYV is uncompressed; MJPG and the planar ones where it is not offered.
_KNOWN = ("YUYV", "NV12", "YU12", "MJPG", "JPEG")
_BLACK_TOP = 40  # brightness 0-255; video black is 16, a covered lens stays under 30 (estimate)
_FLAT_SPREAD = 3  # standard deviation: one colour plus sensor noise
_STEP = 61  # of the sampled pixels; a prime, so that it meets all columns


class Picture(msgspec.Struct, frozen=True):
    """One frame in figures: brightness 0-255. `digest` tells equal frames."""

    mean: int
    bright: int  # 99 of 100 pixels are darker
    spread: int  # standard deviation
    digest: int


def measure(brightness: bytes) -> Picture | None:
    """The figures of one frame's brightness plane; `None` for an empty one."""
    some = sorted(brightness[::_STEP])
    if not some:
        return None
    mean = sum(some) / len(some)
    spread = (sum((value - mean) ** 2 for value in some) / len(some)) ** 0.5
    return Picture(
        mean=round(mean),
        bright=some[min(len(some) - 1, len(some) * 99 // 100)],
        spread=round(spread),
        digest=hash(brightness),
    )


def brightness(frame: bytes, shape: v4l2.Format) -> bytes:
    """The brightness plane of a frame; empty for a format or a size we cannot read."""
    pixels = shape.width_px * shape.height_px
    if shape.code == "YUYV":
        return frame[: pixels * 2 : 2]
    if shape.code in ("NV12", "YU12", "GREY"):
        return frame[:pixels]
    if shape.code in ("MJPG", "JPEG"):
        return _decoded(frame)
    return b""


def _decoded(frame: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(frame)) as image:
            return image.convert("L").tobytes()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return b""


def judge(pictures: Sequence[Picture]) -> CheckResult:
    """One camera. Fewer than two frames, or frames all equal to the last bit, are no view."""
    evidence: dict[str, int | str] = {"frames": len(pictures)}
    if len(pictures) < 2:
        return failed(ID, CheckReason.NO_FRAME, evidence)
    best = max(pictures, key=lambda picture: picture.spread)
    evidence |= {"mean": best.mean, "bright": best.bright, "spread": best.spread}
    if all(picture.bright <= _BLACK_TOP for picture in pictures):
        return failed(ID, CheckReason.BLACK, evidence)
    if all(picture.spread < _FLAT_SPREAD for picture in pictures):
        return failed(ID, CheckReason.CONSTANT, evidence)
    # A real sensor is never noiseless: equal frames are a buffer nobody fills.
    if len({picture.digest for picture in pictures}) == 1:
        return failed(ID, CheckReason.FROZEN, evidence)
    return passed(ID, evidence)


def worst(results: Sequence[CheckResult]) -> CheckResult:
    """All cameras must work: the first that does not decides."""
    count: dict[str, int | str] = {"cameras": len(results)}
    bad = [result for result in results if result.outcome is not CheckOutcome.PASSED]
    chosen = (bad or list(results))[0]
    return msgspec.structs.replace(chosen, evidence={**chosen.evidence, **count})


def run(context: CheckContext) -> CheckResult:
    """Take some frames from every camera that shows colours (infrared ones give GREY only)."""
    if not context.live:
        return untestable(ID, CheckReason.UNRECORDED)
    results = []
    reason = CheckReason.UNREADABLE
    for path in v4l2.nodes():
        try:
            code = next((c for c in _KNOWN if c in v4l2.formats(path)), None)
            if code is not None:
                results.append(_look(path, code))
        except PermissionError:
            reason = CheckReason.DENIED
        except OSError as error:
            results.append(failed(ID, CheckReason.NO_FRAME, {"error": str(error)[:120]}))
    return worst(results) if results else untestable(ID, reason)


def _look(path: str, code: str) -> CheckResult:
    shape, frames = v4l2.capture(path, code, frames=FRAMES, skip=SKIP)
    measured = (measure(brightness(frame, shape)) for frame in frames)
    return judge([frame for frame in measured if frame is not None])
