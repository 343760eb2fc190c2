"""The references in docs/ say what the code says: `python -m tests.references` writes them."""

from __future__ import annotations

import pytest

from tests.references import PAGES, ROOT
from tests.references.events import written_by


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_is_up_to_date(name: str) -> None:
    kept = (ROOT / name).read_text("utf-8")
    assert kept == PAGES[name](), "python -m tests.references writes it anew"


def test_every_kind_of_event_has_a_writer() -> None:
    """A kind that nothing writes feeds tables, papers and sums that only tests can fill."""
    nobody = {kind for kind, writers in written_by().items() if not writers}
    assert not nobody
