"""The voice: espeak-ng really speaks French into a file; one sentence ends the one before."""

from __future__ import annotations

import array
import math
import shutil
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bench.console.voice import TOO_SOON_S, TOOL, Voice, command
from bench.words.catalogue import choose
from diagnostics.command import Held, System, start_held

installed = pytest.mark.skipif(shutil.which(TOOL) is None, reason="espeak-ng is not installed")


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    choose("fr")
    yield
    choose(None)


def recorded(text: str, file: Path) -> tuple[float, float]:
    """Seconds and loudness (of 32767) of that text, spoken into a file."""
    held = start_held(command("fr", "-w", str(file)), stdin=text.encode())
    assert held.wait(60) == 0
    with wave.open(str(file)) as sound:
        assert sound.getsampwidth() == 2
        points = array.array("h", sound.readframes(sound.getnframes()))
        length_s = len(points) / sound.getframerate() / sound.getnchannels()
    return length_s, math.sqrt(sum(one * one for one in points) / max(1, len(points)))


@installed
def test_a_sentence_is_heard_and_a_longer_one_longer(tmp_path: Path) -> None:
    short_s, loud = recorded("Scannez votre badge.", tmp_path / "short.wav")
    long_s, also = recorded(
        "Le disque va être effacé. On ne peut pas revenir en arrière.", tmp_path / "long.wav"
    )
    assert loud > 500 and also > 500  # a silent file has 0
    assert 0.8 < short_s < 5 and long_s > 1.5 * short_s


@installed
def test_what_is_said_is_never_an_option(tmp_path: Path) -> None:
    said = tmp_path / "said.wav"
    recorded(f"-w {tmp_path}/other.wav\n--version", said)
    assert [one.name for one in tmp_path.iterdir()] == ["said.wav"]


class Has(System):
    """This machine, with or without a voice."""

    def __init__(self, tool: bool) -> None:
        super().__init__()
        self.tool = tool

    def has(self, tool: str) -> bool:
        return self.tool and tool == TOOL


def test_a_new_sentence_ends_the_one_before() -> None:
    begun: list[Held] = []
    said: list[bytes] = []

    def start(argv: Sequence[str], text: bytes) -> Held:
        assert argv[:3] == [TOOL, "-v", "fr"] and argv[-1] == "--stdin"
        said.append(text)
        begun.append(start_held(["sleep", "300"], stdin=text))
        return begun[-1]

    voice = Voice(Has(True), start)
    assert voice.speak("Un.") and begun[0].running
    assert voice.speak("Été.") and not begun[0].running and begun[1].running
    voice.stop()
    voice.stop()
    assert not begun[1].running
    assert said == [b"Un.", "Été.".encode()]


def test_without_the_tool_nothing_starts() -> None:
    assert not Voice(Has(False)).speak("Bonjour.")

    def start(argv: Sequence[str], text: bytes) -> Held:
        raise OSError

    assert not Voice(Has(True), start).speak("Bonjour.")


def test_a_voice_that_ends_at_once_said_nothing() -> None:
    """No sound card: espeak-ng complains and ends with 0. Silence is not told as speech."""
    voice = Voice(Has(True), lambda argv, text: start_held(["true"], stdin=text))
    assert not voice.speak("Bonjour.")


def test_only_until_it_was_heard_once_is_it_waited_for() -> None:
    """Always read, each page and each step of the arrow would come a third of a second late."""
    lengths = iter(("300", "0"))
    voice = Voice(Has(True), lambda argv, text: start_held(["sleep", next(lengths)], stdin=text))
    assert voice.speak("Bonjour.")
    begun = time.monotonic()
    assert voice.speak("Oui.")  # over before anybody could have waited
    assert time.monotonic() - begun < TOO_SOON_S
