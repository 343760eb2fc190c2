"""The sample label: the recorded machine of the demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.labelling.content import fact_lines
from labels.content import LabelContent, LabelState

if TYPE_CHECKING:
    from bench.setup.settings import Settings


def sample_content(settings: Settings) -> LabelContent:
    """The recorded machine of the demonstration, still to be tested: claims nothing."""
    from bench.demo.machine import replayed
    from labels.identifier import DEMO, make

    machine = replayed()
    asset = str(make(DEMO, "C", 0, 1))
    title = " ".join(p for p in (machine.identity.maker, machine.identity.model) if p)
    return LabelContent(
        asset=asset,
        state=LabelState.TO_TEST,
        title=title,
        lines=tuple(fact_lines(machine)),
        site=settings.site,
        qr_text=asset,
    )
