"""Tones: made, and found again by their frequency (Goertzel). Pure; standard library only."""

from __future__ import annotations

import array
import functools
import io
import math
import sys
import wave

import msgspec

from diagnostics.checks.context import failed, passed, untestable
from diagnostics.checks.model import CheckReason, CheckResult

RATE_HZ = 48_000
# No multiple of 50 Hz: mains hum and its harmonics must not pass for our tone.
LEFT_HZ, RIGHT_HZ = 983, 1471
TONE_S = 1.2
GAP_S = 0.3
LEVEL = 0.5  # of full scale: loud enough for a small speaker, far from clipping
_WINDOW = 4800  # 100 ms: 10 Hz wide, the two tones and hum fall in different bins
SILENT_RMS = 8  # of 32768: below even a muted input's converter noise on most codecs (estimate)
# The tone must hold this share of a window's energy, and ten times (10 dB) its neighbours'.
LEAST_SHARE = 0.10
LEAST_CONTRAST = 10.0
LEAST_WINDOWS = 4  # 0.4 s of the 1.2 s played: a click or a shout is shorter or wider
CLIPPED_SHARE = 0.20


class Heard(msgspec.Struct, frozen=True):
    """What a recording holds. `left`, `right`: windows in which each tone was found."""

    windows: int
    rms: int  # of the loudest window, 0 to 32767
    left: int
    right: int
    clipped_percent: int = 0


def samples(frequency_hz: int, seconds: float, level: float = LEVEL) -> array.array[int]:
    """A sine as 16-bit samples, faded in and out over 10 ms so that it does not click."""
    count = int(RATE_HZ * seconds)
    fade = RATE_HZ // 100
    turn = 2 * math.pi * frequency_hz / RATE_HZ
    return array.array(
        "h",
        (
            int(32767 * level * min(1, i / fade, (count - 1 - i) / fade) * math.sin(turn * i))
            for i in range(count)
        ),
    )


@functools.cache
def stereo() -> bytes:
    """A WAV file: the left tone on the left, a pause, the right tone on the right."""
    silence = array.array("h", bytes(2 * int(RATE_HZ * GAP_S)))
    left, right = samples(LEFT_HZ, TONE_S), samples(RIGHT_HZ, TONE_S)
    quiet_left, quiet_right = (
        array.array("h", bytes(2 * len(left))),
        array.array("h", bytes(2 * len(right))),
    )
    first = left + silence + quiet_right
    second = quiet_left + silence + right
    both = array.array("h", (value for pair in zip(first, second, strict=True) for value in pair))
    return wav(both, channels=2)


def wav(values: array.array[int], channels: int = 1) -> bytes:
    """Samples as a WAV file."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(values.tobytes())
    return out.getvalue()


def raw(data: bytes) -> array.array[int]:
    """16-bit little-endian samples as recorded; an odd last byte is dropped."""
    values = array.array("h", data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        values.byteswap()
    return values


def power(values: array.array[int], frequency_hz: float, rate_hz: int = RATE_HZ) -> float:
    """Energy of one frequency in a window, in the unit of `energy` (Goertzel's filter)."""
    turn = 2 * math.pi * frequency_hz / rate_hz
    factor = 2 * math.cos(turn)
    last = two = 0.0
    for value in values:
        last, two = value + factor * last - two, last
    # |X|^2 of a sine of amplitude A over N samples is (AN/2)^2; its energy is A^2 N/2.
    return 2 * (last * last + two * two - factor * last * two) / max(1, len(values))


def energy(values: array.array[int]) -> float:
    """Sum of squares about the mean: a constant offset of the input is no sound."""
    if not values:
        return 0.0
    mean = sum(values) / len(values)
    return sum(value * value for value in values) - mean * mean * len(values)


def holds(values: array.array[int], frequency_hz: int) -> bool:
    """Whether a window is mostly this tone and not noise, speech or another tone."""
    whole = energy(values)
    if not values or math.sqrt(whole / len(values)) < SILENT_RMS:
        return False
    here = power(values, frequency_hz)
    around = max(power(values, frequency_hz * 0.88), power(values, frequency_hz * 1.13))
    return here >= LEAST_SHARE * whole and here >= LEAST_CONTRAST * around


def hear(values: array.array[int]) -> Heard:
    """Look for both tones in a mono recording at `RATE_HZ`."""
    windows = [values[i : i + _WINDOW] for i in range(0, len(values) - _WINDOW + 1, _WINDOW)]
    loudest = max((math.sqrt(max(0.0, energy(w)) / len(w)) for w in windows), default=0.0)
    clipped = sum(1 for value in values if abs(value) >= 32767)
    return Heard(
        windows=len(windows),
        rms=min(32767, int(loudest)),
        left=sum(holds(window, LEFT_HZ) for window in windows),
        right=sum(holds(window, RIGHT_HZ) for window in windows),
        clipped_percent=clipped * 100 // max(1, len(values)),
    )


def judge(heard: Heard | None) -> CheckResult:
    """The microphone, from what it recorded while the speakers played. Silence fails."""
    if heard is None or heard.windows < LEAST_WINDOWS * 2:
        return untestable("microphone", CheckReason.TOO_SHORT)
    evidence: dict[str, int | str] = {
        "rms": heard.rms,
        "left_windows": heard.left,
        "right_windows": heard.right,
        "windows": heard.windows,
    }
    if heard.left >= LEAST_WINDOWS or heard.right >= LEAST_WINDOWS:
        return passed("microphone", evidence)
    if heard.rms < SILENT_RMS:
        return failed("microphone", CheckReason.SILENCE, evidence)
    if heard.clipped_percent >= CLIPPED_SHARE * 100:
        return failed("microphone", CheckReason.CLIPPED, evidence)
    return failed("microphone", CheckReason.TONE_NOT_FOUND, evidence)
