"""Prints the live stick's sentences (bench/words/*/live.toml) as variables of a shell.

`python live/words.py` in the checkout: `fr_away='…'`, `en_away='…'`; French `boot_*` by their
own name, which is all the first file system says.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.words.catalogue import LANGUAGES, area


def main() -> None:
    """All on standard output."""
    for language in LANGUAGES:
        for key, sentence in area(language, "live").items():
            name = key if key.startswith("boot_") else f"{language}_{key}"
            if language == "fr" or not key.startswith("boot_"):
                print(f"{name}={shlex.quote(sentence)}")


if __name__ == "__main__":
    main()
