"""Every command that the documents show, run by an ordinary user: see test_documented.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.documented.bench import Bench, shown
from tests.documented.pages import Documented

NOBODY = 65534
# A maintainer's commands would install the tests' libraries once more for this user.
OURS = [one for one in shown() if "test" not in one.words and one.words[0] != "python"]
pytestmark = [
    pytest.mark.long,  # installs the libraries for this user; test_documented.py is the quick half
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not here"),
]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench(NOBODY)
    yield made
    shutil.rmtree(made.base, ignore_errors=True)


@pytest.mark.parametrize("command", [pytest.param(o, id=f"{o.page}: {o.text}") for o in OURS])
def test_a_documented_command_runs(bench: Bench, command: Documented) -> None:
    bench.does(command)
