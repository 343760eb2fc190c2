"""The other half of the many who slip at the real application: see test_slips_in_app.py."""

from __future__ import annotations

import pytest

from tests.screens.test_slips_in_app import PARTS, many


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS // 2, PARTS))
async def test_many_others_who_slip_at_the_application(part: int) -> None:
    await many(part)
