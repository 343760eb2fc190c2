"""What a paper, a disk or another bench wrote reaches a terminal as words, whatever shows it."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from typing import Any

import pytest
from rich.table import Table
from textual.content import Content

from bench.console.widgets.block import Block
from bench.errors.sentence import show, tell, tell_json

# Escape, C1, return, delete, bidi, zero width, line and paragraph ends, lone surrogate, tag.
ODD = "\x1b[2J\x9b1m\r\x7f\u202e\u2066\u200b\u2028\u2029\x85\ud800\U000e0041\x00\x08"


def unseen(text: str) -> set[str]:
    """The control characters that are left, line ends aside."""
    kinds = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
    return {c for c in text if unicodedata.category(c) in kinds} - {"\n"}


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    tell(f"a{ODD}\nb é")
    tell(f"c{ODD}\nd", error=True)
    out, err = capsys.readouterr()
    assert not unseen(out + err)
    assert out.count("\n") == err.count("\n") == 1 and out.endswith("b é\n")


def test_json_keeps_every_character_and_shows_none(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"é": ODD + "\n", "list": [1, None, ODD, "Łódź \U0001f600"]}
    for indent in (None, 2):
        tell_json(value, indent=indent)
        out = capsys.readouterr().out
        assert not unseen(out) and "Łódź \U0001f600" in out
        assert json.loads(out) == value


def test_a_table_shows_brackets_and_no_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(box=None, show_header=False)
    table.add_row("[bold]WDC[/]", f"[/nothing] :warning: {ODD}")
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    show(table)
    assert not unseen(out.getvalue())
    assert "[bold]WDC[/]" in out.getvalue() and "[/nothing] :warning:" in out.getvalue()


def test_the_screens_show_no_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    block, seen = Block(), list[Content]()
    monkeypatch.setattr(block, "update", lambda content, **_: seen.append(content))
    block.put(Content.assemble("Disque ", (f"WDC{ODD}", "bold"), "\nsuite"))
    (shown,) = seen
    assert not unseen(shown.plain) and shown.plain.count("\n") == 1
    assert [shown.plain[span.start : span.end][:3] for span in shown.spans] == ["WDC"]


def test_a_wrong_use_is_shown_plainly(etabli: Any) -> None:
    for words in (("verify", "x", f"--{chr(27)}[2J\u202e"), ("export", "--out", "/\x1b[2J/a\n/b")):
        done = etabli(*words)
        assert done.returncode in (2, 4)
        assert not unseen(done.stdout + done.stderr) and done.stderr.count("\n") == 1
