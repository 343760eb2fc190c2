"""The workshop's logo and address on its papers; a hostile logo is refused in one sentence."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from bench.__main__ import main
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.logo import MOST_BYTES, LogoRefused, clean, logo_of
from bench.errors.failure import Failure
from bench.errors.sentence import sentence
from bench.setup.settings import Settings, load
from tests.unit.documents.paper_reader import codes, pages, texts
from tests.unit.documents.papers import GOOD, KEY, attestation, machine
from tests.unit.documents.recorded import ASSETS, LOT, SETTINGS, record

_BLACK: dict[str, tuple[int, ...]] = {"RGB": (0,) * 3, "RGBA": (0, 0, 0, 255), "CMYK": (255,) * 4}


def drawn(kind: str = "PNG", size: tuple[int, int] = (300, 120), mode: str = "RGB") -> bytes:
    image = Image.new(
        "RGB" if mode == "P" else mode, size, "white" if mode not in ("RGBA", "CMYK") else (0,) * 4
    )
    ImageDraw.Draw(image).ellipse((5, 5, size[0] - 5, size[1] - 5), fill=_BLACK.get(mode, 0))
    file = io.BytesIO()
    (image.convert("P") if mode == "P" else image).save(file, kind)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of these sides in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


HOSTILE = {
    "empty": (b"", "PNG ou JPEG entière"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "PNG ou JPEG"),
    "gif": (drawn("GIF"), "PNG ou JPEG"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PNG ou JPEG"),
    "pdf": (b"%PDF-1.7\n", "PNG ou JPEG"),
    "cut short": (drawn()[:200], "PNG ou JPEG entière"),
    "bomb": (bomb(60_000, 60_000), "8 Mpx"),
    "long": (bomb(60_000, 20), "8 Mpx"),
    "many dots": (bomb(3999, 3999), "8 Mpx"),
    "a dot": (drawn(size=(15, 200)), "8 Mpx"),
    "heavy": (drawn() + b"\0" * MOST_BYTES, "1 Mo"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_logo_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    data, why = HOSTILE[name]
    (tmp_path / "logo.png").write_bytes(data)
    with pytest.raises(Failure) as caught:
        logo_of(Settings(logo="logo.png"), tmp_path)
    said = sentence(caught.value)
    assert why in said and "logo.png" in said and "settings.toml" in said and "\n" not in said


@pytest.mark.parametrize("name", ["../logo.png", "/etc/passwd", "a/logo.png", "..", "logo\0.png"])
def test_only_a_file_beside_the_settings(name: str, tmp_path: Path) -> None:
    (tmp_path.parent / "logo.png").write_bytes(drawn())
    with pytest.raises(Failure, match=r"refused\.logo"):
        logo_of(Settings(logo=name), tmp_path)


def test_no_link_no_pipe_no_folder(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(drawn())
    (tmp_path / "link.png").symlink_to("real.png")
    os.mkfifo(tmp_path / "pipe.png")  # opened by a careless reader, it waits for ever
    (tmp_path / "folder.png").mkdir()
    for name in ("link.png", "pipe.png", "folder.png", "absent.png"):
        with pytest.raises(Failure, match=r"refused\.logo"):
            logo_of(Settings(logo=name), tmp_path)
    assert logo_of(Settings(logo="real.png"), tmp_path)


@given(st.binary(max_size=400), st.integers(0, 1500))
def test_damaged_pictures_are_refused_or_drawn(noise: bytes, at: int) -> None:
    data = drawn()
    try:
        assert clean(data[:at] + noise + data[at + len(noise) :]).startswith(b"\x89PNG")
    except LogoRefused:
        pass


def test_nothing_but_the_dots_is_kept() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "chez Nadia, 50.6 N 3.1 E")
    file = io.BytesIO()
    Image.new("RGB", (100, 50), "red").save(file, "PNG", pnginfo=told)
    data = clean(file.getvalue() + b"<script>alert(1)</script>")
    assert b"Nadia" not in data and b"script" not in data
    assert data == clean(file.getvalue())


@pytest.mark.long
@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "L"),
                                            ("PNG", "1"), ("PNG", "P"), ("JPEG", "RGB"),
                                            ("JPEG", "L"), ("JPEG", "CMYK")])  # fmt: skip
def test_every_kind_of_picture_stands_at_the_head(kind: str, mode: str) -> None:
    logo = clean(drawn(kind, (900, 300), mode))
    content = attestation(machine(GOOD))
    without = issue_attestation(content, KEY)
    paper = issue_attestation(content, KEY, logo=logo)
    assert paper.json == without.json and paper.pdf != without.pdf
    assert paper.pdf == issue_attestation(content, KEY, logo=logo).pdf
    assert sorted(texts(paper.pdf)[0].split()) == sorted(texts(without.pdf)[0].split())
    assert codes(paper.pdf) == codes(without.pdf)
    head = pages(paper.pdf, dpi=72)[0].crop((430, 58, 546, 104))
    assert min(head.tobytes()) < 60


def test_of_transparent_nothing_is_black() -> None:
    with Image.open(io.BytesIO(clean(drawn(mode="RGBA")))) as image:
        assert image.getpixel((0, 0)) == (255, 255, 255)


def _set_up(folder: Path, more: str) -> None:
    record(folder)
    (folder / "logo.png").write_bytes(drawn())
    (folder / "settings.toml").write_text(more + SETTINGS, "utf-8")


ADDRESS = (
    'address = """\n12 rue de l’Épeule\n59100 Roubaix\n"""\nsiret = "SIRET 812 345 678 00019"\n'
)
PAPERS = [
    (ASSETS[0], "attestation"), (ASSETS[0], "sheet"), (ASSETS[0], "handover"),
    (LOT, "attestation"), (LOT, "donor"), (LOT, "reuse"),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("what", "kind"), PAPERS)
def test_each_paper_has_the_address_and_the_logo(what: str, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    _set_up(folder, 'logo = "logo.png"\n' + ADDRESS)
    words = ["certificate", what, "--kind", kind, "--data", str(folder), "--out", str(tmp_path)]
    assert main(words) in (0, 1)
    pdf = (tmp_path / f"{kind}-{what}.pdf").read_bytes()
    first = texts(pdf)[0]
    assert "12 rue de l’Épeule" in first and "59100 Roubaix" in first
    assert b"/Image" in pdf


def test_a_wrong_logo_makes_no_paper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "data"
    _set_up(folder, 'logo = "logo.svg"\n')
    words = ["certificate", ASSETS[0], "--data", str(folder), "--out", str(tmp_path / "out")]
    assert main(words) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "logo.svg" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "more",
    [
        'address = "' + "x" * 61 + '"\n',
        'address = "a\\nb\\nc\\nd\\ne"\n',
        'address = "a\\u001b[2Jb"\n',
        'siret = "' + "1" * 61 + '"\n',
        'siret = "1\\n2"\n',
    ],
)
def test_an_address_that_no_paper_holds_is_said(more: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(more, "utf-8")
    with pytest.raises(Failure, match="settings_papers"):
        load(tmp_path)
