"""Photos of a machine: only the picture is kept, whatever came with it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from bench.__main__ import main
from bench.casefile import photos
from bench.errors.failure import Failure
from bench.records.log import open_bench
from tests.unit.documents.recorded import ASSETS, FixedClock, record


def picture(
    size: tuple[int, int] = (400, 300), mode: str = "RGB", kind: str = "JPEG", **more: object
) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    file = io.BytesIO()
    image.convert(mode).save(file, kind, **more)
    return file.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("JPEG",))


@pytest.mark.long
@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("P", "PNG"), ("RGB", "WEBP")]
)
def test_each_format_becomes_a_small_jpeg(mode: str, kind: str) -> None:
    image = seen(photos.clean(picture((3000, 2000), mode, kind)))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1600, 1067))
    red, _, blue = image.getpixel((100, 500))  # type: ignore[misc]
    assert red > 200
    assert blue < 60


def test_the_place_and_the_telephone_stay_behind_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # held upright: to be turned a quarter to the right
    exif[Base.Make] = "Telephone of Paul"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (50.0, 41.0, 20.0)
    made = photos.clean(picture(exif=exif, comment=b"chez Paul"))
    image = seen(made)
    assert not image.getexif() and "comment" not in image.info and "icc_profile" not in image.info
    assert b"Paul" not in made and b"Exif" not in made
    assert image.size == (300, 400)
    red, _, _ = image.getpixel((150, 20))  # type: ignore[misc]  # the left is above now
    assert red > 200


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 dots in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "photo_unreadable"),
        (b"#!/bin/sh\nrm -rf /\n", "photo_unreadable"),
        (picture()[:900], "photo_unreadable"),
        (picture(kind="GIF"), "photo_unreadable"),
        (b"%PDF-1.4 not a picture", "photo_unreadable"),
        (bomb(), "photo_too_big"),
        (picture() + bytes(photos.MOST_FILE_BYTES), "photo_too_big"),
    ],
)
def test_what_is_no_photo_is_one_sentence(data: bytes, code: str) -> None:
    with pytest.raises(Failure) as refused:
        photos.clean(data, "x.jpg")
    assert refused.value.code == code


@given(st.binary(max_size=200), st.integers(0, 600), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_damage_is_refused_or_survived(noise: bytes, at: int, kind: str) -> None:
    whole = picture((40, 30), kind=kind)
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    try:
        made = photos.clean(damaged)
    except Failure as refused:
        assert refused.code in ("photo_unreadable", "photo_too_big")
    else:
        assert max(seen(made).size) <= photos.MOST_SIDE_PX


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    record(folder)
    return folder


def recorded(data: Path) -> list[str]:
    log = open_bench(data, FixedClock())
    try:
        return [e.data["sha256"] for e in log.events() if e.type == "look.photo"]
    finally:
        log.store.close()


def test_a_photo_is_recorded_once_and_shown_on_the_sheet(data: Path, tmp_path: Path) -> None:
    """Also: a broken one beside it keeps all of them out, and the machine is still graded."""
    good, bad = tmp_path / "lid.png", tmp_path / "x.jpg"
    good.write_bytes(picture(kind="PNG"))
    bad.write_bytes(b"no picture")
    words = ["grade", ASSETS[0], "--data", str(data)]
    assert main([*words, "--photo", str(good), str(bad)]) == 2
    assert recorded(data) == []
    assert main([*words, "--photo", str(tmp_path / "missing.jpg")]) == 2
    for _ in range(2):
        assert main([*words, "--photo", str(good)]) == 0
    assert len(recorded(data)) == 1
    out = tmp_path / "out"
    certificate = ["certificate", ASSETS[0], "--kind", "sheet", "--out", str(out)]
    assert main([*certificate, "--data", str(data)]) == 0
    (sheet,) = out.glob("*.pdf")
    drawn = pypdfium2.PdfDocument(sheet.read_bytes())
    pages = [page.render(scale=0.5).to_pil().convert("RGB") for page in drawn]
    colours = [colour for page in pages for colour in dots(page)]
    assert sum(red > 200 and blue < 60 for red, _, blue in colours) > 300
    (signed,) = out.glob("*.json")
    assert "mdm_attestation" not in signed.read_text("utf-8")  # a question, no function
    assert recorded(data)[0] in signed.read_text("utf-8")


def dots(page: Image.Image) -> list[tuple[int, int, int]]:
    flat = page.tobytes()
    return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
