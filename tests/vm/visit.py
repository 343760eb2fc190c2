"""A worker at the stick's screens: reads what is shown, presses what a person would.

Nothing is known of the program but its sentences (bench/words) and the keys they name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from bench.words.catalogue import say
from tests.vm import glass
from tests.vm.stick import Pc, readable

_CHOICE = re.compile(r"(?:→|│)\s+(\d)\s{2}(.+?)(?:\s*│|$)", re.M)
FOLLOWS_S = 15.0
STARTS_S = 180.0  # the screens start anew after the first start's last page, which stays till then
SUPERVISOR = "481516"  # the code that was chosen at the first start
_POINTED = re.compile(r"→\s+(?:\d\s{2})?(.+?)(?:\s*│|$)", re.M)


class Worker:
    """`rules`: what stands on a page, and what is done there; the first that fits is taken."""

    def __init__(self, pc: Pc, letters: list[glass.Font]) -> None:
        self.pc, self._letters = pc, letters
        self._seen = b""  # the picture that was looked at last
        self.seen: list[str] = []  # titles, in order: what a failure is told with
        self.on_page: Callable[[], None] = lambda: None  # before anything is done on a new one
        self.acted: Callable[[], None] = lambda: None

    def look(self) -> str:
        """What the screen shows, in the font that leaves least unread."""
        picture = self.pc.picture()
        self._seen = picture.read_bytes()
        read = ["\n".join(glass.read(picture, font)) for font in self._letters]
        return max(read, key=readable)

    def press(self, choice: str, shown: str) -> None:
        """Take a choice by its number; by moving to it where it has none."""
        for number, text in _CHOICE.findall(shown):
            if text.strip() == choice:
                return self.pc.write(number)
        for key in ("", "tab", *["down"] * 6, *["up"] * 8):
            if key:
                self.pc.monitor.press(key)
            shown = self._followed(shown, choice) if key else shown
            if not re.search(rf"{re.escape(choice)}(?! \(pas possible\))", shown):
                return None  # an earlier key was answered only now: another page, or done already
            if choice in _POINTED.findall(shown):
                return self.pc.monitor.press("ret")
        raise AssertionError(f"cannot take {choice!r} on\n{shown}")

    def _turned(self) -> None:
        """Wait for what was done to be shown, and for the screen to stand still: on the page that
        is left nothing is to be pressed again, nor typed twice into a field. Pictures are
        compared, not read: reading one takes a second from the machine that draws it."""
        before, deadline = self._seen, time.monotonic() + STARTS_S
        while (now := self.pc.picture().read_bytes()) == before and time.monotonic() < deadline:
            time.sleep(0.5)
        deadline = time.monotonic() + FOLLOWS_S
        while time.monotonic() < deadline:
            time.sleep(1)
            if (after := self.pc.picture().read_bytes()) == now:
                break
            now = after

    def _followed(self, before: str, choice: str) -> str:
        """The screen once it shows that choice pointed at, or what a key did; an emulated one
        may follow late, and at an end of the list no key does anything."""
        deadline = time.monotonic() + FOLLOWS_S
        while (shown := self.look()) == before and choice not in _POINTED.findall(shown):
            if time.monotonic() > deadline:
                break
            time.sleep(0.5)
        return shown

    def play(
        self,
        rules: list[tuple[str, Callable[[str], None]]],
        until: str,
        *,
        timeout_s: float,
        each_s: float = 1.0,
    ) -> str:
        """Play on until `until` is shown; give that page."""
        deadline = time.monotonic() + timeout_s
        while until not in (shown := self.look()):
            assert time.monotonic() < deadline, "\n".join([*self.seen[-12:], shown])
            for words, act in rules:
                if words in shown:
                    if self.seen[-1:] != [words]:
                        self.on_page()
                    self.seen.append(words)
                    act(shown)
                    self._turned()
                    self.acted()
                    break
            time.sleep(each_s)
        return shown

    def rules(self) -> list[tuple[str, Callable[[str], None]]]:
        """From Bonjour to Fini, answering as for a sound PC."""
        take, write, keys = self._take, self._write, self._keys
        return [
            (say("people.new.question"), take(say("people.new.yes"))),
            (say("people.name.once"), write("Ana\n")),  # typed once; then AB-12 is Ana
            (say("people.allow.why"), write(f"{SUPERVISOR}\n")),
            (say("people.type.title"), keys("esc")),  # a key that came late opened it
            (say("screens.hello.badge"), write("AB-12\n")),
            (say("screens.arrival.new"), take(say("screens.arrival.new"))),
            (say("screens.number.yes"), take(say("screens.number.yes"))),
            (say("returning.disk.other"), take(say("returning.disk.other"))),
            (say("screens.machine.yes"), self._machine),
            (say("screens.count.yes"), self._count),
            (say("screens.confirm.right"), keys("f8")),
            (say("screens.confirm.forever"), self._confirm),
            (say("screens.tray.state.verified"), self._erased),
            (say("screens.tray.all"), take(say("screens.tray.all"))),
            (say("screens.tray.none"), take(say("screens.tray.erase", count=2))),
            (say("screens.grade.yes"), take(say("screens.grade.yes"))),
            (say("screens.label.print"), take(say("screens.label.print"))),
            (say("screens.label.later_title"), take(say("screens.label.written"))),
            (say("screens.stick.later"), take(say("screens.stick.later"))),
            (say("screens.sight.none"), write("1")),
            (say("screens.checks.by_itself").split(".")[0], lambda _: None),  # it goes on alone
            (f"1  {say('screens.checks.next')}", take(say("screens.checks.next"))),
            (f"1  {say('screens.checks.yes')}", take(say("screens.checks.yes"))),
            (f"1  {say('screens.checks.keep')}", take(say("screens.checks.keep"))),
            (f"1  {say('screens.checks.end')}", take(say("screens.checks.end"))),
            (say("screens.checks.stop"), keys("esc")),
            ("3 fois Échap", self._three),
            (say("screens.checks.colours"), take(say("screens.checks.colours"))),
            ("6 sur 8", write("1")),  # a drawn scale: the best of it
        ]

    def _take(self, choice: str) -> Callable[[str], None]:
        return lambda shown: self.press(choice, shown)

    def _write(self, text: str) -> Callable[[str], None]:
        return lambda _: self.pc.write(text)

    def _keys(self, *keys: str) -> Callable[[str], None]:
        return lambda _: self.pc.monitor.press(*keys)

    def _machine(self, shown: str) -> None:
        again = re.search(rf"Disque\s+{say('screens.machine.unread')}", shown)
        self.press(say("screens.machine.again" if again else "screens.machine.yes"), shown)

    def _erased(self, shown: str) -> None:
        """On, once all are; choices that became impossible stay in their places and say so."""
        if re.search(rf"^[ →]*{say('screens.tray.go_on')}\s*$", shown, re.M):
            self.press(say("screens.tray.go_on"), shown)

    def _count(self, shown: str) -> None:
        self.pc.write("2")
        self.pc.monitor.press("ret")

    def _three(self, shown: str) -> None:
        for _ in range(3):
            self.pc.monitor.press("esc")
            time.sleep(0.3)

    def _confirm(self, shown: str) -> None:
        code = re.search(r"…([0-9A-Z-]{4})\b", shown) or re.search(r": ([0-9A-Z]{4})\b", shown)
        assert code, shown
        self.pc.write(code[1])
