"""The references in docs/ say what the code says: `python -m tests.references` writes them."""

from __future__ import annotations

import pytest

from tests.references import PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_is_up_to_date(name: str) -> None:
    kept = (ROOT / name).read_text("utf-8")
    assert kept == PAGES[name](), "python -m tests.references writes it anew"
