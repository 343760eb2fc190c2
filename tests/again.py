"""What a second run of CI repeats, one pytest argument a line: `python -m tests.again`.

What failed; of tests in virtual machines the whole file, for there one test goes on where the one
before left the machine, and alone it would fail by its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".pytest_cache" / "v" / "cache" / "lastfailed"


def arguments(failed: Iterable[str]) -> list[str]:
    """pytest's arguments that repeat these tests, each once."""
    return list(dict.fromkeys(map(_argument, failed)))


def _argument(test: str) -> str:
    file, _, _ = test.partition("::")
    return file if file.startswith("tests/vm/") else test


if __name__ == "__main__":
    print("\n".join(arguments(json.loads(CACHE.read_text("utf-8")) if CACHE.exists() else ())))
