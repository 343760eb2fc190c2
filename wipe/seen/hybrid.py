"""Rotating disks with a flash cache of their own (SSHD), known by their model alone.

Overwriting goes to the platters and may miss what the cache holds (docs/facts/erasure.md,
an inference); SECURITY ERASE UNIT promises nothing of it. Only SANITIZE reaches both media, so
plan and claim say it of all else. The drives do not tell: smartmontools' database knows
Seagate's model numbers; some names carry the word; Toshiba's and WD's were found in sellers'
lists and reviews.
"""

from __future__ import annotations

import re

_MODELS = re.compile(
    r"SSHD"
    r"|^ST9(?:2505610|3205620|5005620)AS|^ST750LX003"  # Momentus XT
    r"|^ST(?:500|1000)LM0(?:00|14)-|^ST[124]000DX001-"  # Laptop and Desktop SSHD
    r"|^ST(?:500|1000|2000)LX0(?:01|15|25)-|^ST[12]000DX002-"  # FireCuda
    r"|^TOSHIBA[ _]MQ0[12]AB[DF]\d{3}H"
    r"|^WDC[ _]WD(?:(?:10J|40E)31X|5000M2[12][KX])"
)


def is_hybrid(model: str | None) -> bool:
    """Whether this is the model of a known hybrid disk."""
    return model is not None and _MODELS.search(model) is not None
