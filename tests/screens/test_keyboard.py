"""Escape and sequences as a console, a slow line and a person send them, on a real terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import threading
import time
import tty
from collections.abc import Iterator

import pytest
from textual import events
from textual.message import Message

from bench.console.app import EtabliApp
from bench.console.keyboard import ESCAPE_S, Keyboard
from tests.screens.fake_port import FakePort

LIMIT_S = 30.0


class Heard(Keyboard):
    """Keeps the keys instead of giving them to the screens."""

    def __init__(self, terminal: int) -> None:
        self.fileno = terminal
        self.exit_event = threading.Event()
        self._debug = False
        self.keys: list[str] = []
        self.came = threading.Condition()

    def process_message(self, message: Message) -> None:
        with self.came:
            if isinstance(message, events.Key):
                self.keys.append(message.key)
            self.came.notify_all()


class Line:
    """A pseudo-terminal and the thread that reads it."""

    def __init__(self) -> None:
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.heard = Heard(self._slave)
        self._thread = threading.Thread(target=self.heard.run_input_thread, daemon=True)
        self._thread.start()

    def send(self, *parts: str) -> None:
        for part in parts:
            os.write(self.master, part.encode())

    def hear(self, *keys: str) -> None:
        with self.heard.came:
            found = self.heard.came.wait_for(lambda: self.heard.keys == [*keys], LIMIT_S)
        assert found, self.heard.keys

    def close(self) -> None:
        self.heard.exit_event.set()
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()
        os.close(self.master)
        os.close(self._slave)


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


def test_the_screens_read_the_console_by_it() -> None:
    async def driver() -> type:
        return EtabliApp(FakePort()).driver_class

    assert asyncio.run(driver()) is Keyboard


def test_escape_alone(line: Line) -> None:
    line.send("\x1b")
    line.hear("escape")


def test_arrows_and_the_console_s_f1_in_one_piece(line: Line) -> None:
    line.send("\x1b[A\x1b[B\x1b[[A\x1b[19~")
    line.hear("up", "down", "f1", "f8")


def test_escape_then_a_letter_are_two_keys(line: Line) -> None:
    line.send("\x1b")
    line.hear("escape")
    line.send("a")
    line.hear("escape", "a")


def test_several_escapes_are_as_many(line: Line) -> None:
    line.send("\x1b\x1b\x1b")
    line.hear("escape", "escape", "escape")


def test_a_sequence_cut_after_its_escape(line: Line) -> None:
    # One write of the line after the other: no time between, unless this machine stands still.
    for _ in range(20):
        begun = time.monotonic()
        line.send("\x1b", "[B")
        quick = time.monotonic() - begun < ESCAPE_S / 4
        line.send("x")
        with line.heard.came:
            line.heard.came.wait_for(lambda: line.heard.keys[-1:] == ["x"], LIMIT_S)
            keys, line.heard.keys = line.heard.keys, []
        if quick and keys == ["down", "x"]:
            return
    pytest.fail(f"{keys}")


def test_letters_cut_in_the_middle_and_bytes_that_are_none(line: Line) -> None:
    raw = "é".encode()
    os.write(line.master, raw[:1])
    os.write(line.master, raw[1:] + b"\xff" + b"b")
    with line.heard.came:
        found = line.heard.came.wait_for(lambda: line.heard.keys[-1:] == ["b"], LIMIT_S)
    assert found and len(line.heard.keys) == 3, line.heard.keys
