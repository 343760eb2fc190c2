"""`python -m tests.screens.picture FILE.svg`: the erase screen as a picture for the README."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from bench.words.catalogue import choose
from tests.screens.driver import ERASE, bench
from tests.screens.fake_port import FakePort


async def draw(path: Path) -> None:
    """Drive the screens to a running erasure and keep what they show."""
    choose("fr")
    async with bench(FakePort(percent_a_look=38), ERASE) as driven:
        await driven.to_progress()
        await driven.tick()
        picture = driven.app.export_screenshot(title="Établi")
    # Textual names web fonts by address; a picture in a repository asks nobody for anything.
    path.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
