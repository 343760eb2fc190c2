"""A file that a person asks for never takes the place of another: nor of the records, nor a key.

Every option and word of the command line that is a path is listed here, as what is read, as a
folder, or as a file that is made; one that is new fails until it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.errors.failure import Exit
from tests.references.parsers import whole

READ = {
    *(
        "export --since-receipt",
        "grade --photo",
        "hub restore file",
        "import bags",
        "import --stock",
    ),
    *("keys admit file", "keys join file", "read --rules", "restore place"),
    *("hub mail set --password-file", "pack publish file"),
}
FOLDERS = {  # in which files of our own names are made
    *("certificate --out", "demo --out", "handover --out", "hub serve --watch"),
    *("import --receipts", "sync folder"),
}
MADE = {
    "capture out": ("capture",),
    "export --out": ("export", "--out"),
    "hub backup --out": ("hub", "backup", "--out"),
    "keys admit --out": ("keys", "admit", "{request}", "--heard", "1", "--out"),
    "keys request --out": ("keys", "request", "--out"),
    "pack export --out": ("pack", "export", "--out"),
    "pack show --out": ("pack", "show", "sheet", "--out"),
    "label --out": ("label", "--sheet", "1", "--out"),
    "review --print": ("review", "--print"),
}


def paths(of: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """Each word and option that takes a path, behind its command."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from paths(below, f"{before}{name} ")
        elif action.type is Path:
            yield before + (action.option_strings[0] if action.option_strings else action.dest)


def test_every_path_of_the_commands_is_listed() -> None:
    assert set(paths(whole())) == READ | FOLDERS | MADE.keys()


@pytest.mark.parametrize("what", MADE)
def test_what_is_made_replaces_nothing(what: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    inside = ("--data", str(data))
    assert main(["keys", "show", *inside]) == 0
    request = tmp_path / "request"
    assert main(["keys", "request", "--out", str(request), *inside]) == 0
    argv = [word.format(request=request) for word in MADE[what]]
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    for there in (precious, link, data / "etabli.db", data / "keys" / "bench.key"):
        before = None if there is link else there.read_bytes()
        assert main([*argv, str(there), *inside]) in (Exit.USAGE, Exit.MACHINE, Exit.REFUSED)
        assert there.is_symlink() if there is link else there.read_bytes() == before
    assert main(["log", "verify", *inside]) == 0


@pytest.mark.parametrize("what", sorted(MADE.keys() - {"hub backup --out"}))
def test_a_folder_that_is_not_there_is_not_made(what: str, tmp_path: Path) -> None:
    inside = ("--data", str(tmp_path / "data"))
    assert main(["keys", "show", *inside]) == 0
    argv = [word.format(request=tmp_path / "request") for word in MADE[what]]
    assert main([*argv, str(tmp_path / "none" / "file"), *inside]) == Exit.USAGE
    assert not (tmp_path / "none").exists()


def test_the_bench_one_is_at_is_revoked_only_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own papers would be false from then on: that is asked for in so many words."""
    inside = ("--data", str(tmp_path / "data"))
    assert main(["keys", "show", "--json", *inside]) == 0
    bench = json.loads(capsys.readouterr().out)["bench"]
    revoke = ["keys", "revoke", bench, "--after", "1", "--reason", "moi", *inside]
    assert main(revoke) == Exit.REFUSED
    assert main(["log", "verify", *inside]) == 0
    assert main([*revoke, "--this-bench"]) == 0
