"""Writes the references that are made from the code: `python -m tests.references`.

The pages are committed, so that they can be read without running anything; a test in
tests/unit/architecture compares them with the code.
"""

from __future__ import annotations

from tests.references import PAGES, ROOT

if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), "utf-8")
        print(name)
