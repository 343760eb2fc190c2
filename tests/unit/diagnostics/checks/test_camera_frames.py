"""Camera frames in figures: black, one colour, frozen, damaged ones fail."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from diagnostics.checks import camera, v4l2
from diagnostics.checks.camera import Picture
from diagnostics.checks.context import CheckContext, failed, passed
from diagnostics.checks.model import CheckOutcome, CheckReason

SHAPE = v4l2.Format("YUYV", 64, 48)
PIXELS = 64 * 48


def plane(seed: int, low: int, high: int) -> bytes:
    source = random.Random(seed)
    return bytes(source.randrange(low, high + 1) for _ in range(PIXELS))


def judged(*planes: bytes) -> tuple[CheckOutcome, CheckReason]:
    measured = [camera.measure(one) for one in planes]
    result = camera.judge([one for one in measured if one is not None])
    return result.outcome, result.reason


def test_a_scene_passes() -> None:
    assert judged(plane(1, 20, 220), plane(2, 20, 220)) == (CheckOutcome.PASSED, CheckReason.OK)


def test_a_covered_lens_is_black_even_with_noise() -> None:
    assert judged(plane(1, 14, 30), plane(2, 14, 30)) == (CheckOutcome.FAILED, CheckReason.BLACK)
    assert judged(bytes(PIXELS), bytes(PIXELS)) == (CheckOutcome.FAILED, CheckReason.BLACK)


def test_one_colour_is_no_view() -> None:
    green = bytes([130]) * PIXELS
    assert judged(green, green) == (CheckOutcome.FAILED, CheckReason.CONSTANT)
    assert judged(plane(1, 128, 132), plane(2, 128, 132)) == (
        CheckOutcome.FAILED,
        CheckReason.CONSTANT,
    )


def test_a_picture_that_never_changes_by_one_bit_is_frozen() -> None:
    same = plane(1, 20, 220)
    assert judged(same, same, same) == (CheckOutcome.FAILED, CheckReason.FROZEN)


def test_less_than_two_frames_is_no_view() -> None:
    assert judged() == (CheckOutcome.FAILED, CheckReason.NO_FRAME)
    assert judged(plane(1, 20, 220)) == (CheckOutcome.FAILED, CheckReason.NO_FRAME)
    assert camera.measure(b"") is None


@pytest.mark.parametrize(
    ("bright", "spread", "outcome"),
    [(40, 20, CheckOutcome.FAILED), (41, 20, CheckOutcome.PASSED), (200, 2, CheckOutcome.FAILED),
     (200, 3, CheckOutcome.PASSED)],
)  # fmt: skip
def test_thresholds(bright: int, spread: int, outcome: CheckOutcome) -> None:
    frames = [Picture(100, bright, spread, n) for n in range(2)]
    assert camera.judge(frames).outcome is outcome


def test_brightness_of_every_format() -> None:
    grey = plane(3, 0, 255)
    packed = bytes(value for pixel in grey for value in (pixel, 128))
    assert camera.brightness(packed, SHAPE) == grey
    assert camera.brightness(grey + bytes(PIXELS // 2), v4l2.Format("NV12", 64, 48)) == grey
    image = io.BytesIO()
    Image.frombytes("L", (64, 48), bytes([200]) * PIXELS).save(image, "JPEG")
    decoded = camera.brightness(image.getvalue(), v4l2.Format("MJPG", 64, 48))
    assert len(decoded) == PIXELS and 195 < decoded[0] < 205
    assert camera.brightness(b"not a jpeg", v4l2.Format("MJPG", 64, 48)) == b""
    assert camera.brightness(image.getvalue()[:100], v4l2.Format("MJPG", 64, 48)) == b""
    assert camera.brightness(grey, v4l2.Format("S910", 64, 48)) == b""


def test_all_cameras_must_see() -> None:
    good, bad = passed("camera"), failed("camera", CheckReason.BLACK)
    assert camera.worst([good, good]).outcome is CheckOutcome.PASSED
    assert camera.worst([good, bad]).reason is CheckReason.BLACK
    assert camera.worst([good, bad]).evidence == {"cameras": 2}


def test_a_recorded_camera_is_not_testable() -> None:
    assert camera.run(CheckContext(runner=None)).reason is CheckReason.UNRECORDED  # type: ignore[arg-type]


def test_structures_have_the_kernel_s_sizes() -> None:
    """videodev2.h on 64 bits: the request numbers hold these sizes."""
    assert (v4l2._QUERYCAP, v4l2._S_FMT) == (0x80685600, 0xC0D05605)
    assert (v4l2._REQBUFS, v4l2._QUERYBUF, v4l2._QBUF) == (0xC0145608, 0xC0585609, 0xC058560F)
    assert (v4l2._DQBUF, v4l2._STREAMON, v4l2._ENUM_FMT) == (0xC0585611, 0x40045612, 0xC0405602)
