"""A throw-away disk image holding what a donor forgets: names, a bank card, a photo.

The people are invented and the card number is a test number (it passes Luhn's
check and belongs to nobody). The image is what the demo really erases.
"""

from __future__ import annotations

import io
import random
from pathlib import Path

SIZE_BYTES = 96 << 20
NAMES = ("Mireille Delattre-Vandamme", "Yacine Benhaddou", "Ginette Carpentier")
CARD = "4970 1012 3456 7893"
LETTER = (
    "Chère Ginette,\n\nVoici les photos du baptême. Ma nouvelle adresse : 14 rue des Filatiers,\n"
    "59100 Roubaix. Ma carte pour les billets : {card}, elle est au nom de {name}.\n\n{other}\n"
)


def planted() -> tuple[bytes, ...]:
    """Every string that must not survive, as it lies on the disk."""
    texts = [*NAMES, CARD, CARD.replace(" ", "")]
    return (
        *(text.encode() for text in texts),
        *(text.encode("utf-16-le") for text in NAMES),
        photo()[:64],
        b"rue des Filatiers",
    )


def photo() -> bytes:
    """A real JPEG, the same bytes at each call."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (320, 240), (90, 140, 190))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((110, 60, 210, 160), fill=(235, 200, 160))
    draw.rectangle((90, 160, 230, 240), fill=(150, 60, 60))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def plant(path: Path, size_bytes: int = SIZE_BYTES) -> int:
    """Write the image, not sparse, with the files many times over; give how many.

    Raises `FileExistsError` when something is already there: the demo never
    overwrites a file it did not make.
    """
    letter = LETTER.format(card=CARD, name=NAMES[0], other=NAMES[1]).encode()
    table = "\r\n".join(f"{name};{CARD.replace(' ', '')}" for name in NAMES).encode("utf-16-le")
    files = (letter, photo(), table, f"{NAMES[2]}\0{CARD.replace(' ', '')}".encode())
    where = random.Random(59100)  # the same image each time: what is shown can be compared
    count = 0
    with path.open("xb") as image:
        block = bytes(where.randbytes(1 << 20))
        for _ in range(size_bytes >> 20):
            image.write(block)
        image.write(block[: size_bytes & ((1 << 20) - 1)])
        # The first and the last sectors too: the places a careless wipe forgets.
        last = size_bytes - 4096
        spots = [0, last, *(where.randrange(0, last, 4096) for _ in range(400))]
        for spot in spots:
            content = files[count % len(files)][: size_bytes - spot]
            image.seek(spot)
            image.write(content)
            count += 1
    return count


def survivors(path: Path) -> list[bytes]:
    """Which planted strings are still in the image, searched over the whole of it."""
    needles = planted()
    keep = max(map(len, needles)) - 1
    found: set[bytes] = set()
    with path.open("rb") as image:
        tail = b""
        while part := image.read(4 << 20):
            window = tail + part
            found.update(needle for needle in needles if needle in window)
            tail = window[-keep:]
    return sorted(found)
