"""Who has a scanner and the printed card, and no keyboard: whole visits, and cards gone astray."""

from __future__ import annotations

import random

from bench.guide.card import code_of, standard_groups
from tests.screens.fake_port import ASSET
from tests.slips.people import MINE, OTHER, WRONG_SCANS, Careful
from tests.slips.simulated import Screens

CARD = tuple(code_of(action) for group in standard_groups() for action in group.codes)
MY_DISK = f"S3Z9NB0K{MINE}"  # as printed on the disk in hand
OTHER_DISK = f"WD-WCC{OTHER}"
READS_S = (0.05, 0.3, 0.7, 1.0, 1.9, 2.5, 6.0)  # between two readings: a hand, or a stand


class ScanOnly(Careful):
    """Does what the page asks, by codes alone: the badge, the card, the disk's own, the label."""

    def act(self) -> None:
        name = self.screens.name
        if name == "HelloPage":
            self.code("OP-NADIA")
        elif name == "ReadyPage":
            self.screens.wait(3)
            self.code(MY_DISK)
        elif name == "ConfirmPage" and OTHER in str(self.screens.view().facts):
            self.code("ACT-BACK")
        elif name == "ConfirmPage":
            self.code(MY_DISK)
        elif name == "StickPage":
            self.code(ASSET)
        elif self.screens.view().fill:
            self.screens.wait(5)
        elif not self.screens.view().hears:
            self.code("ACT-BACK")
        elif self.screens.view().marks:
            self.code("ACT-CHOICE-2")
        else:
            super().act()
        self.screens.wait(0.9)

    def code(self, text: str) -> None:
        self.screens.wait(2.2)  # to find it on the card
        self.screens.scan(text)

    def say(self, key: str) -> None:
        """By the words where the card has them, by the number of the choice otherwise."""
        view = self.screens.view()
        worded = {"yes": "ACT-YES", "next": "ACT-GO-ON", "keep": "ACT-GO-ON", "skip": "ACT-SKIP"}
        keys = [choice.key for choice in view.choices]
        at = keys.index(key) if key in keys else 0
        said = key in worded and view.choices[at].text in ("Oui", "Continuer", "Passer cet essai")
        self.code(worded[key] if said else f"ACT-CHOICE-{at + 1}")


class Strewn:
    """Codes at random: the card's, those of other things, badges, labels, read again and again."""

    def __init__(self, screens: Screens, draw: random.Random, *more: str) -> None:
        self.screens, self.draw = screens, draw
        self.codes = (*CARD, *CARD, *more, *WRONG_SCANS, ASSET, OTHER_DISK, "OP-NADIA", "ACT-ERASE")

    def act(self) -> None:
        code = self.draw.choice(self.codes)
        for _ in range(self.draw.choice((1, 1, 1, 2, 5))):
            self.screens.scan(code, enter=self.draw.random() < 0.9)
            self.screens.wait(self.draw.choice(READS_S))
