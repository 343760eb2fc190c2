"""Every command that README.md, CONTRIBUTING.md and docs/ show does what it is shown for.

Here as whoever runs the tests; as an ordinary user in test_documented_nobody.py. The README's
in every run, those of the other pages with the long ones.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator

import pytest

from bench.__main__ import COMMANDS, _parsers
from tests.documented.bench import ADDED, ENDS, IN_DOUBT, NOT_RUN, Bench, harmless, shown
from tests.documented.pages import Documented, documented, inline


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench(None)
    yield made
    shutil.rmtree(made.base, ignore_errors=True)


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            one,
            id=f"{one.page}: {one.text}",
            marks=[] if one.page == "README.md" else [pytest.mark.long],
        )
        for one in shown()
    ],
)
def test_a_documented_command_runs(bench: Bench, command: Documented) -> None:
    bench.does(command)


def test_the_lists_name_commands_that_are_shown() -> None:
    texts = [one.text for one in documented()]
    stale = [name for name in (*ADDED, *ENDS) if name not in texts]
    stale += [name for name in NOT_RUN if not any(text.startswith(name) for text in texts)]
    stale += [end for end in IN_DOUBT if not any(text.endswith(end) for text in texts)]
    assert not stale


def test_commands_in_sentences_are_commands_with_these_options() -> None:
    main, parsers = _parsers()
    known: dict[str, set[str]] = {"": {o for a in main._actions for o in a.option_strings}}
    for name in COMMANDS:
        module = importlib.import_module(f"bench.commands.{name.replace('import', 'import_')}")
        module.add_arguments(parsers[name])
        every = [parsers[name]]
        for action in parsers[name]._actions:
            if isinstance(action.choices, dict):
                every += action.choices.values()
        known[name] = {o for one in every for a in one._actions for o in a.option_strings}
    found, wrong = inline(), []
    for one in found:
        words = one.text.split()[1:]
        name = next((word for word in words if not word.startswith("-")), "")
        options = {word for word in words if word.startswith("--")}
        if name not in (*known, "test", "check") or options - known.get(name, options) - known[""]:
            wrong.append((one.page, one.text))
    assert found
    assert not wrong


@pytest.mark.parametrize(
    "words",
    [
        ["nvme", "delete-ns", "/dev/nvme0"],
        ["etabli", "erase", "/dev/sdc", "--confirm", "8F3K"],
        ["etabli", "erase", "--disk=/dev/nvme0n1"],
        ["sudo", "./etabli", "disks"],
        ["A=1", "dd", "of=/dev/sda"],
        [],
    ],
)
def test_no_command_of_a_page_reaches_a_device(words: list[str]) -> None:
    """Once a page told a supervisor to delete namespaces, and this test would have done it."""
    assert not harmless(words)
