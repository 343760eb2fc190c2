"""What the file of a pack may be. Pure; raises `RecordsError` in one sentence on anything else."""

from __future__ import annotations

import io
from pathlib import Path

from bench.packs import quirks, rules, texts
from bench.records.errors import RecordsError

KINDS = ("grading", "quirks", "sheet", "poster")
MOST_BYTES = 8 * 1024 * 1024  # a poster to be printed; every bench of the network carries it
MOST_TEXT = 64 * 1024
MOST_DOTS = 80_000_000  # A1 at 300 dpi
_BEGINNINGS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n"}
_TEXTS = {"grading": rules.read, "quirks": quirks.read}


def read_file(path: Path) -> bytes:
    """A file that somebody would share, no further than it may be long.

    Raises `RecordsError`: `pack_too_big`, `pack_unreadable`.
    """
    try:
        with path.open("rb") as file:
            found = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RecordsError("pack_unreadable", cause=error.strerror or str(error)) from error
    if len(found) > MOST_BYTES:
        raise RecordsError("pack_too_big", limit=MOST_BYTES // 1024)
    return found


def form_of(kind: str, content: bytes) -> str:
    """How a file of this kind is written: toml, pdf, png or txt, by what is in it.

    Raises `RecordsError`: `pack_kind`, `pack_too_big`, `pack_empty`, `pack_form`, `pack_picture`,
    `pack_text`, `pack_letter`, `pack_letter_in`, `pack_quirks`, `pack_rules`, `pack_rules_loose`,
    `pack_rules_version`.
    """
    if kind not in KINDS:
        raise RecordsError("pack_kind", kind=kind[:40])
    limit = MOST_TEXT if kind in _TEXTS else MOST_BYTES
    if len(content) > limit:
        raise RecordsError("pack_too_big", limit=limit // 1024)
    if not content:
        raise RecordsError("pack_empty")
    if kind in _TEXTS:
        texts.text_of(content)
        _TEXTS[kind](content)
        return "toml"
    for form, beginning in _BEGINNINGS.items():
        if content.startswith(beginning):
            if form == "png":
                _look_at_picture(content)
            return form
    if len(content) > MOST_TEXT or texts.is_binary(content):
        raise RecordsError("pack_form")
    texts.text_of(content)
    return "txt"


def _look_at_picture(content: bytes) -> None:
    """A PNG is whole, and no bigger than a poster is printed; nothing of it is decoded.

    Raises `RecordsError`: `pack_picture`.
    """
    from PIL import Image as images

    bad = RecordsError("pack_picture", most=MOST_DOTS // 1_000_000)
    dots = int.from_bytes(content[16:20]) * int.from_bytes(content[20:24])
    if content[12:16] != b"IHDR" or not 0 < dots <= MOST_DOTS:
        raise bad
    try:
        with images.open(io.BytesIO(content), formats=("PNG",)) as image:
            image.verify()
    except Exception as error:  # Pillow's readers raise a dozen kinds on damaged files
        raise bad from error
