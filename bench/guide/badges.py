"""What can be nobody's badge, at the bench and in its exercises. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bench.guide.scan import ACTION_PREFIX
from labels import identifier

MOST_CODE = 32  # a badge is shorter; a sentence is no badge
_NEW_BADGE = re.compile(r"[A-Z0-9]+(?:[-_. ][A-Z0-9]+)*")
_SHORTEST_BADGE = 3
_PRODUCT_DIGITS = (8, 12, 13, 14)  # of a GTIN: EAN-8, UPC-A, EAN-13, ITF-14
_LONGEST_NUMBER = 11  # digits of a member's card; more is a product or an IMEI
_MIXED = 7  # letters and digits in one run this long are a maker's serial number
_WEB = re.compile(r"://|^www\.|^[a-z0-9-]+(\.[a-z0-9-]+)+/", re.I)


def why_no_badge(text: str, serials: Iterable[str] = ()) -> str:
    """Why this cannot become somebody's badge, "" where it can. Pure.

    `unreadable`, `label` (an asset number), `web`, `action` (of the sheet of codes), `product`
    (an EAN), `serial` (of a machine, as `serials` or its shape tell) or `shape`. It rather
    refuses: who has no badge is chosen from the list.
    """
    code = " ".join(text.split()).upper()
    if not code or len(code) > MOST_CODE or not code.isprintable():
        return "web" if _WEB.search(text[:MOST_CODE]) else "unreadable"
    number = identifier.parse(code)
    if isinstance(number, identifier.Identifier) or number.code in ("check", "missing_check"):
        return "label"
    if _WEB.search(code):
        return "web"
    if code.startswith(ACTION_PREFIX):
        return "action"
    if code.isdecimal() and (len(code) > _LONGEST_NUMBER or _is_gtin(code)):
        return "product"
    if code.startswith("(01)"):  # GS1, as some scanners write it out
        return "product"
    if code in {serial.upper() for serial in serials} or _is_serial(code):
        return "serial"
    return "" if len(code) >= _SHORTEST_BADGE and _NEW_BADGE.fullmatch(code) else "shape"


def _is_gtin(digits: str) -> bool:
    if len(digits) not in _PRODUCT_DIGITS:
        return False
    weighed = (int(digit) * (3, 1)[at % 2] for at, digit in enumerate(digits[-2::-1]))
    return (10 - sum(weighed) % 10) % 10 == int(digits[-1])


def _is_serial(code: str) -> bool:
    runs = re.findall(r"[A-Z0-9]+", code)
    return any(
        len(run) >= _MIXED and not run.isdecimal() and not run.isalpha() for run in runs
    ) or bool(re.match(r"(?:S/?N|P/?N|SERIAL)\b", code))
