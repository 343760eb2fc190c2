"""The workshop's logo on its papers: a small PNG or JPEG, and nothing of it but the dots.

The file comes from a stick or the web and is hostile: it may be no picture, a huge one in a small
file, a pipe, a link to something else, or carry more than a picture. It is read within bounds,
decoded by its content alone and drawn anew. SVG is refused: it is a program's text, not dots.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.setup.settings import Settings

MOST_BYTES = 1_000_000
LEAST_SIDE, MOST_SIDE = 16, 4000  # dots
MOST_DOTS = 8_000_000
_KEPT = (480, 180)  # dots: what 40 x 15 mm show at 300 dpi
_FORMATS = ("PNG", "JPEG")


def logo_of(settings: Settings, folder: Path) -> bytes:
    """The logo that the settings name, as a clean PNG; `b""` where they name none.

    `folder`: where the settings lie; the logo is a file beside them. The same file gives the same
    bytes. Raises `Failure("documents.refused.logo")`, in one sentence what is wrong.
    """
    name = settings.logo.strip()
    if not name:
        return b""
    try:
        return clean(_read(folder, name))
    except LogoRefused as error:
        why = say(f"documents.logo.{error}", least=LEAST_SIDE, most=MOST_SIDE)
        path = folder / "settings.toml"
        raise Failure(
            "documents.refused.logo", Exit.REFUSED, name=name[:80], why=why, path=path
        ) from error


class LogoRefused(Exception):
    """The code of why: a key of `documents.logo`."""


def _read(folder: Path, name: str) -> bytes:
    """The bytes of a plain file of the folder, no link, no pipe, no more than are allowed."""
    if Path(name).name != name or name == ".." or "\x00" in name:
        raise LogoRefused("place")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(folder / name, flags)
    except OSError as error:
        raise LogoRefused("missing") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise LogoRefused("missing")
    with open(handle, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise LogoRefused("heavy")
    return data


def clean(data: bytes) -> bytes:
    """A PNG of the picture alone, on white, at most 480 x 180 dots."""
    from PIL import Image as images

    try:
        with images.open(io.BytesIO(data), formats=_FORMATS) as image:
            sides = image.size
            if min(sides) < LEAST_SIDE or max(sides) > MOST_SIDE or sides[0] * sides[1] > MOST_DOTS:
                raise LogoRefused("size")
            layered = image.convert("RGBA")
        layered.thumbnail(_KEPT)
        paper = images.new("RGBA", layered.size, "white")
        dots = images.alpha_composite(paper, layered).convert("RGB")
        file = io.BytesIO()
        # A new picture: texts, places and colour profiles stay behind.
        images.frombytes("RGB", dots.size, dots.tobytes()).save(file, "PNG", optimize=False)
    except LogoRefused:
        raise
    except images.DecompressionBombError:
        raise LogoRefused("size") from None
    except Exception as error:  # Pillow's readers raise a dozen kinds on damaged files
        raise LogoRefused("unreadable") from error
    return file.getvalue()
