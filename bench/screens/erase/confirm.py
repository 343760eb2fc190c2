"""The way to yes: last four characters, F8, a countdown any key cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.guide.flow_erase import confirms
from bench.guide.happenings import Back, ConfirmTyped, CountdownOver, EraseKey, ScannedAgain
from bench.guide.scan import Scan, Typed, digit
from bench.guide.visit import Stage, disk
from bench.screens.erase.one_disk import DiskPage, disk_facts
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.words.catalogue import say

if TYPE_CHECKING:
    from collections.abc import Callable


ERASE_KEY = "f8"
QUIET_S = 4.0  # without a scan, before the disk's own code may be read in the place of F8


def yes_and_no() -> tuple[Choice, Choice]:
    return (
        Choice("no", say("screens.confirm.no")),
        Choice("yes", say("screens.confirm.yes"), hotkey="F8"),
    )


class ConfirmPage(DiskPage):
    """The disk, once more, and its last four characters to be typed."""

    help = "confirm"

    def __init__(self, desk: Desk, key: str) -> None:
        super().__init__(desk, key)
        self._last = ""  # keys, as many as are asked for, wherever an answer began

    def opened(self) -> None:
        """After a restart nothing was seen yet: whoever is quick confirms no disk without a size
        and a number to compare."""
        if self.desk.watch.disks is None:
            self.desk.watch.ask_disks()

    def draw(self) -> View:
        seen, known = self.desk.watch.disk(self.key), disk(self.desk.visit, self.key)
        wanted = known.confirm if known else ""
        shown = seen is not None and seen.confirm_shown
        label = (
            say("screens.confirm.shown", code=wanted)
            if shown
            else say("screens.confirm.type", count=len(wanted))
        )
        batch = self.desk.visit.batch
        title = say("screens.confirm.title")
        if len(batch) > 1 and self.key in batch:
            count = say("screens.confirm.count", at=batch.index(self.key) + 1, all=len(batch))
            title = f"{title}  ({count})"
        return View(
            title=title,
            lines=(say("screens.confirm.forever"),),
            facts=self.facts,
            picture="disk",
            field=Field(label, self.text, slots=len(wanted)),
            choices=yes_and_no(),
            tone=Tone.DANGER,
        )

    def _type(self, key: Typed) -> None:
        """After a wrong code the next character begins anew: no key has to be known for that.

        Nor where a stray key came first: who looks at the disk and not at the screen would type
        the right characters again and again, each time a place too late.
        """
        known = disk(self.desk.visit, self.key)
        wanted = known.confirm if known is not None else ""
        character = key.character or ""
        if key.key == "backspace":
            self._last = self._last[:-1]
        elif character and character.isprintable():
            self._last = (self._last + self.as_typed(character))[-len(wanted) :] if wanted else ""
            if len(self.text) >= len(wanted):
                self.text = ""
        super()._type(key)
        if (
            known is not None
            and len(self.text) < len(wanted)
            and confirms(known, self._last, False)
        ):
            self.text = self._last
            self._give(self.text, scanned=False)

    def as_typed(self, character: str) -> str:
        """French digits without Shift are shown as the digits they stand for."""
        known = disk(self.desk.visit, self.key)
        number = digit(character)
        if number is None or (known is not None and character in known.confirm):
            return character.upper()
        return str(number)

    def edited(self) -> None:
        known = disk(self.desk.visit, self.key)
        if known is None:
            return
        self.text = self.text[: len(known.confirm)]
        if len(self.text) == len(known.confirm):
            self._give(self.text, scanned=False)

    def _give(self, text: str, *, scanned: bool) -> None:
        known = disk(self.desk.visit, self.key)
        if known is not None and not confirms(known, text, scanned):
            self.say(say("screens.confirm.wrong"), Tone.DANGER)
        self.desk.tell(ConfirmTyped(self.key, text, scanned))

    def scanned(self, text: str) -> None:
        self.text = ""
        self._give(text, scanned=True)

    def fills(self, scan: Scan) -> bool:
        known = disk(self.desk.visit, self.key)
        return known is not None and len(scan.raw) <= len(known.confirm)

    def submit(self, text: str) -> None:
        self._not_yet()

    def special(self, name: str) -> bool:
        if name == ERASE_KEY:
            self._not_yet()
        return name == ERASE_KEY

    def _not_yet(self) -> None:
        """Why nothing goes on: characters are missing, or there are as many, and others."""
        known = disk(self.desk.visit, self.key)
        if known is not None and 0 < len(known.confirm) <= len(self.text):
            self.say(say("screens.confirm.wrong"), Tone.DANGER)
        else:
            self.say(say("screens.confirm.first"))

    def choose(self, key: str) -> None:
        self.desk.tell(Back())

    def back(self) -> None:
        self.desk.tell(Back())


class ReadyPage(Page):
    """All characters are right: only F8 goes on."""

    help = "confirm"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._quiet_at = desk.host.clock() + QUIET_S

    @property
    def _by_scan(self) -> bool:
        """True for one disk whose number was scanned: the same scan may stand for F8."""
        given = self.desk.visit.confirmed
        return len(given) == 1 and bool(given[0].scanned)

    def draw(self) -> View:
        keys = self.desk.visit.batch
        named = [known for key in keys if (known := disk(self.desk.visit, key))]
        if len(named) == 1:
            title = say("screens.confirm.title")
            facts = disk_facts(self.desk, keys[0])
        else:
            title = say("screens.confirm.titles", count=len(named))
            facts = ()
        seconds = round(QUIET_S)
        again = (say("screens.confirm.or_scan", count=seconds),) if self._by_scan else ()
        return View(
            title=title,
            lines=(say("screens.confirm.right"), *again, say("screens.confirm.forever")),
            facts=facts,
            picture="disk",
            choices=yes_and_no(),
            tone=Tone.DANGER,
        )

    def scanned(self, text: str) -> None:
        """Every reading begins the wait anew: what lies under a scanner never goes on."""
        now = self.desk.host.clock()
        early, self._quiet_at = now < self._quiet_at, now + QUIET_S
        if not self._by_scan:
            super().scanned(text)
        elif text != self.desk.visit.confirmed[0].scanned:
            self.desk.tell(Back())
            self.desk.page.say(say("screens.confirm.other"), Tone.DANGER)
        elif early:
            self.say(say("screens.confirm.early"))
        else:
            self.desk.tell(ScannedAgain(text))

    def special(self, name: str) -> bool:
        if name == ERASE_KEY:
            self.desk.tell(EraseKey())
        return name == ERASE_KEY

    def choose(self, key: str) -> None:
        self.desk.tell(Back())


class CountdownPage(Page):
    """A few seconds to change one's mind; then the guard is asked again."""

    help = "confirm"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.left_s = desk.countdown_s
        self._cancel: Callable[[], None] | None = None

    def opened(self) -> None:
        self._cancel = self.desk.host.later(1.0, self._second)

    def closed(self) -> None:
        if self._cancel is not None:
            self._cancel()

    def _second(self) -> None:
        if self.desk.visit.stage is not Stage.COUNTDOWN:
            return
        self.left_s -= 1
        if self.left_s <= 0:
            self.desk.tell(CountdownOver())
        else:
            self._cancel = self.desk.host.later(1.0, self._second)
            self.desk.host.redraw()

    def draw(self) -> View:
        if self.desk.visit.stage is not Stage.COUNTDOWN:
            return View(
                title=say("screens.countdown.checking"),
                lines=(say("screens.wait.what"),),
                picture="disk",
                back=False,
            )
        return View(
            title=say("screens.countdown.title"),
            lines=(say("screens.countdown.cancel"),),
            big=str(self.left_s),
            picture="disk",
            choices=(Choice("no", say("screens.countdown.no")),),
            tone=Tone.DANGER,
        )

    @property
    def stops(self) -> bool:
        return self.desk.visit.stage is Stage.COUNTDOWN

    def take(self, key: Typed, now: float) -> None:
        """Any key stops it, but the F8 still held down from the page before."""
        if key.key != ERASE_KEY and self.desk.visit.stage is Stage.COUNTDOWN:
            self.desk.tell(Back())
            self.desk.page.say(say("screens.countdown.stopped"))

    def scanned(self, text: str) -> None:
        self.desk.tell(Back())
