"""Tones made and found again; silence, noise and hum never pass."""

from __future__ import annotations

import array
import functools
import io
import math
import random
import wave

import pytest

from diagnostics.checks import sound, sound_cards, tone
from diagnostics.checks.context import CheckContext
from diagnostics.checks.model import CheckOutcome, CheckReason
from diagnostics.command import Completed, Problem
from tests.unit.diagnostics.checks.board import Board, gave

PCM = """00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1
00-03: HDMI 0 : HDMI 0 : playback 1
01-06: DMIC (*) :  : capture 1
"""


@functools.cache
def mono(left: float = 0.5, right: float = 0.5) -> array.array[int]:
    """What a microphone would record of our own WAV file: both channels added up."""
    with wave.open(io.BytesIO(tone.stereo())) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, tone.RATE_HZ)
        both = tone.raw(file.readframes(10**7))
    pairs = zip(both[::2], both[1::2], strict=True)
    return array.array("h", (int(a * left + b * right) for a, b in pairs))


def noise(level: int, seconds: float = 1.2, seed: int = 1) -> array.array[int]:
    count = int(tone.RATE_HZ * seconds)
    flat = array.array("b", random.Random(seed).randbytes(count))
    return array.array("h", (value * level // 128 for value in flat))


def sine(frequency: float, level: float = 0.3, seconds: float = 1.2) -> array.array[int]:
    turn = 2 * math.pi * frequency / tone.RATE_HZ
    count = int(tone.RATE_HZ * seconds)
    return array.array("h", (int(32767 * level * math.sin(turn * i)) for i in range(count)))


def added(*parts: array.array[int]) -> array.array[int]:
    sums = (sum(values) for values in zip(*parts, strict=False))
    return array.array("h", (max(-32768, min(32767, value)) for value in sums))


def outcome(values: array.array[int]) -> tuple[CheckOutcome, CheckReason]:
    result = tone.judge(tone.hear(values))
    return result.outcome, result.reason


def test_our_own_tones_are_found() -> None:
    heard = tone.hear(mono())
    assert heard.left >= 10 and heard.right >= 10
    assert outcome(mono()) == (CheckOutcome.PASSED, CheckReason.OK)


def test_one_channel_alone_is_told_apart() -> None:
    heard = tone.hear(mono(right=0.0))
    assert heard.left >= 10 and heard.right == 0


@pytest.mark.parametrize("level", [0.01, 0.05])
def test_a_faint_tone_in_room_noise_is_found(level: float) -> None:
    played = mono(level, level)
    assert outcome(added(played, noise(int(32767 * level * 0.3), 3))) == (
        CheckOutcome.PASSED,
        CheckReason.OK,
    )


def test_silence_fails() -> None:
    assert outcome(array.array("h", bytes(2 * 48000))) == (CheckOutcome.FAILED, CheckReason.SILENCE)
    assert outcome(noise(4)) == (CheckOutcome.FAILED, CheckReason.SILENCE)


def test_a_constant_offset_is_silence() -> None:
    assert outcome(array.array("h", [12000]) * 144000) == (CheckOutcome.FAILED, CheckReason.SILENCE)


@pytest.mark.parametrize("seed", range(4))
def test_noise_fails(seed: int) -> None:
    assert outcome(noise(6000, seed=seed)) == (CheckOutcome.FAILED, CheckReason.TONE_NOT_FOUND)


@pytest.mark.parametrize("hum", [50, 100, 900, 950, 1000, 1050, 1200, 1450, 1500, 3000])
def test_mains_hum_and_other_tones_fail(hum: int) -> None:
    assert outcome(sine(hum)) == (CheckOutcome.FAILED, CheckReason.TONE_NOT_FOUND)


def test_a_short_blip_of_the_right_tone_fails() -> None:
    blip = array.array("h", bytes(2 * 48000)) + tone.samples(tone.LEFT_HZ, 0.25) + noise(100, 2)
    assert outcome(blip)[0] is CheckOutcome.FAILED


def test_an_overdriven_input_says_so() -> None:
    square = array.array("h", ([32767] * 31 + [-32768] * 37) * 800)
    assert outcome(square) == (CheckOutcome.FAILED, CheckReason.CLIPPED)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x01\x02\x03", bytes(9600 * 7)])
def test_too_little_recorded_is_not_testable(data: bytes) -> None:
    result = tone.judge(tone.hear(tone.raw(data)))
    assert (result.outcome, result.reason) == (
        CheckOutcome.NOT_TESTABLE_HERE,
        CheckReason.TOO_SHORT,
    )
    assert tone.judge(None).outcome is CheckOutcome.NOT_TESTABLE_HERE


def test_goertzel_measures_a_sine_s_energy() -> None:
    values = sine(1000, 0.5, 0.1)
    assert tone.power(values, 1000) == pytest.approx(tone.energy(values), rel=0.01)
    assert tone.power(values, 1310) < tone.energy(values) / 100
    assert tone.energy(array.array("h")) == 0.0


# -- devices ---------------------------------------------------------------------------


def test_the_speaker_is_not_the_screen_and_the_array_listens() -> None:
    found = sound_cards.parse(PCM)
    out, into = sound_cards.speaker(found), sound_cards.microphone(found)
    assert out is not None and out.alsa == "plughw:0,0"
    assert into is not None and into.alsa == "plughw:1,6"
    assert sound_cards.speaker(sound_cards.parse("00-03: HDMI 0 : HDMI 0 : playback 1")) is None
    assert sound_cards.parse("garbage\x00\n00-: x\n99") == ()
    assert sound_cards.read(Board()) is None


def test_the_jack_s_sense_is_read() -> None:
    text = (
        "numid=14,iface=CARD,name='Headphone Jack'\n  ; type=BOOLEAN,access=r-------,values=1\n"
        "  : values={}\n"
    )
    assert sound.parse_jack(text.format("on")) is True
    assert sound.parse_jack(text.format("off")) is False
    assert sound.parse_jack("numid=1,iface=MIXER,name='Master'\n  : values=on") is None
    assert sound.parse_jack("") is None


def microphone(heard: bytes, played: int = 0) -> tuple[CheckOutcome, CheckReason]:
    board = Board(
        {sound_cards.PATH: PCM},
        commands={"aplay": gave(code=played), "arecord": gave(heard), "amixer": gave()},
    )
    result = sound.run_microphone(CheckContext(board, live=True))
    assert any(words[0] == "amixer" for words in board.ran), "machines start muted"
    return result.outcome, result.reason


def test_the_microphone_hears_the_speakers_or_fails() -> None:
    assert microphone(mono().tobytes()) == (CheckOutcome.PASSED, CheckReason.OK)
    assert microphone(bytes(2 * 48000 * 4)) == (CheckOutcome.FAILED, CheckReason.SILENCE)
    assert microphone(b"") == (CheckOutcome.NOT_TESTABLE_HERE, CheckReason.TOO_SHORT)
    assert microphone(mono().tobytes(), played=1) == (
        CheckOutcome.NOT_TESTABLE_HERE,
        CheckReason.NOT_PLAYED,
    )


def test_an_open_input_that_gives_no_sample_is_dead_and_a_busy_one_is_not_testable() -> None:
    stalled = Completed((), None, b"", b"", 12.0, Problem.TIMEOUT)
    busy = gave(stderr="arecord: main:830: audio open error: Device or resource busy", code=1)
    for answer, outcome in ((stalled, CheckOutcome.FAILED), (busy, CheckOutcome.NOT_TESTABLE_HERE)):
        board = Board(
            {sound_cards.PATH: PCM}, commands={"aplay": gave(), "arecord": answer, "amixer": gave()}
        )
        assert sound.run_microphone(CheckContext(board, live=True)).outcome is outcome


def test_without_tools_or_cards_nothing_is_said() -> None:
    no_tool = Board({sound_cards.PATH: PCM})
    for run in (sound.run_microphone, sound.run_sound, sound.run_headphone):
        assert run(CheckContext(no_tool, live=True)).reason is CheckReason.NO_TOOL
        assert run(CheckContext(no_tool)).reason is CheckReason.UNRECORDED
    no_card = Board({sound_cards.PATH: ""}, commands={"aplay": gave(), "arecord": gave()})
    for run in (sound.run_microphone, sound.run_sound, sound.run_headphone):
        assert run(CheckContext(no_card, live=True)).outcome is CheckOutcome.NOT_TESTABLE_HERE


def test_playing_alone_proves_nothing() -> None:
    board = Board(
        {sound_cards.PATH: PCM},
        commands={"aplay": gave(), "arecord": gave(), "amixer": gave()},
    )
    result = sound.run_sound(CheckContext(board, live=True))
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTED, CheckReason.OK)
