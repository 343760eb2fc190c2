"""The README lists the commands there are."""

from __future__ import annotations

import re
from pathlib import Path

from bench.__main__ import COMMANDS

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_readme_lists_every_command_in_the_order_of_the_help() -> None:
    listed = re.search(r"Other commands: (.*?)\.", README.read_text(), re.DOTALL)
    assert listed is not None
    others = tuple(re.findall(r"`([a-z]+)`", listed[1]))
    assert others == tuple(name for name in COMMANDS if name != "demo")  # shown above the list
    assert "./etabli demo " in README.read_text()
