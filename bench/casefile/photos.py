"""Photos of a machine's look: cleaned of everything but the picture, kept by their hash.

A photo comes from a telephone or a stick and is hostile: it may be no picture, a huge
one in a small file, or carry the place where it was taken. Only its dots are kept.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.records import attachments

if TYPE_CHECKING:
    from PIL.Image import Image

    from bench.records.log import Log

MOST_SIDE_PX = 1600
MOST_FILE_BYTES = 40_000_000
MOST_DOTS = 120_000_000  # 108-megapixel telephones; a bomb has thousands of millions
# What has no smaller form to be read from is held whole, four bytes a dot.
MOST_DOTS_WHOLE = 40_000_000
MOST_PHOTOS = 12
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82
_JPEG = b"\xff\xd8\xff"  # what all kept photos begin with


def clean(data: bytes, name: str = "") -> bytes:
    """A JPEG of at most 1600 dots a side, upright, with nothing but the picture in it.

    The same file gives the same bytes. Raises `Failure`: `photo_unreadable` for what is
    no whole JPEG, PNG or WebP picture, `photo_too_big`.
    """
    from PIL import Image as images

    if len(data) > MOST_FILE_BYTES:
        raise Failure("photo_too_big", Exit.USAGE, name=name)
    try:
        with images.open(io.BytesIO(data), formats=_FORMATS) as image:
            most = MOST_DOTS if image.format == "JPEG" else MOST_DOTS_WHOLE
            if image.width * image.height > most:
                raise Failure("photo_too_big", Exit.USAGE, name=name)
            # A JPEG is decoded at a fraction of its size: memory follows the smaller one.
            image.draft("RGB", (MOST_SIDE_PX, MOST_SIDE_PX))
            return _encoded(_upright(image))
    except images.DecompressionBombError:
        raise Failure("photo_too_big", Exit.USAGE, name=name) from None
    except Failure:
        raise
    except Exception as error:  # Pillow's readers raise a dozen kinds on damaged files
        raise Failure("photo_unreadable", Exit.USAGE, name=name) from error


def _upright(image: Image) -> Image:
    """Turned as the camera was held, on white where it is transparent, small enough."""
    from PIL import Image as images
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((MOST_SIDE_PX, MOST_SIDE_PX))
    layered = turned.convert("RGBA")
    paper = images.new("RGBA", layered.size, "white")
    return images.alpha_composite(paper, layered).convert("RGB")


def _encoded(picture: Image) -> bytes:
    from PIL import Image as images

    # A new picture: comments, places, previews and colour profiles stay behind.
    bare = images.new("RGB", picture.size)
    bare.paste(picture)
    file = io.BytesIO()
    bare.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()


def add_photos(log: Log, device: str, paths: Sequence[Path], operator: str = "") -> tuple[str, ...]:
    """Keep photos of a machine and record them by hash; one already there is not repeated.

    All are read before one is kept. Gives their SHA-256. Raises `Failure`:
    `photo_missing`, `photo_unreadable`, `photo_too_big`, `photo_too_many`.
    """
    photos = [clean(_read(path), path.name) for path in paths]
    known = list(photo_hashes(log, device))
    given = []
    for photo in dict.fromkeys(photos):
        sha256 = attachments.attach(log.store, photo)
        given.append(sha256)
        if sha256 in known:
            continue
        if len(known) >= MOST_PHOTOS:
            raise Failure("photo_too_many", Exit.USAGE, most=MOST_PHOTOS)
        log.append("look.photo", {"sha256": sha256}, operator=operator, device=device)
        known.append(sha256)
    return tuple(given)


def photo_hashes(log: Log, device: str) -> tuple[str, ...]:
    """The recorded photos of a machine, oldest first."""
    return log.dossier(device).photos


def photos_of(log: Log, device: str) -> dict[str, bytes]:
    """The photos that are here, by hash; one that did not travel along is left out, and what
    another bench calls a photo and is no JPEG."""
    found = {name: attachments.content(log.store, name) for name in photo_hashes(log, device)}
    return {name: data for name, data in found.items() if data and data.startswith(_JPEG)}


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Failure("photo_missing", Exit.USAGE, path=path)
        with path.open("rb") as file:
            return file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise Failure("photo_missing", Exit.USAGE, path=path) from error
