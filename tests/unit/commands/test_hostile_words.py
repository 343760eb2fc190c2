"""Words another bench wrote reach a terminal as words: no escape, no second line."""

from pathlib import Path
from typing import Any

import pytest

from bench.errors.sentence import plain
from bench.records import log
from tests import forge

HOSTILE = "A1\x1b[2J\x9b1m\u202e\nLa journée peut être clôturée."


@pytest.mark.long
def test_the_review_and_the_log_show_no_escape(etabli: Any, data: Path) -> None:
    bench = log.open_bench(data, forge.Clock(), forge.Noise("x"), name="poste")
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": HOSTILE, "kind": "laptop"}, device=device)
    bench.append("machine.blocked", {"reason": HOSTILE}, device=device)
    bench.append("bench.opened", {"name": HOSTILE})
    day = bench.clock.now().date().isoformat()
    bench.store.close()
    for words in (("review", "--day", day), ("log", "show"), ("log", "verify"), ("keys", "show")):
        done = etabli(*words)
        assert done.returncode == 0, done.stderr
        assert not {"\x1b", "\x9b", "\u202e"} & set(done.stdout)
        assert done.stdout.splitlines().count("La journée peut être clôturée.") <= 1
    again = etabli("review", "--day", day)
    assert again.stdout.count("\nLa journée peut être clôturée.") == 1


def test_french_spaces_and_accents_stay() -> None:
    text = "Éteint\u00a0: 3\u202f% - Ægir, Łódź, Ελλάς"
    assert plain(text) == text
    assert plain("a\u0301\u200b\ud800\u2028") == "a\u0301" + "\ufffd" * 3
