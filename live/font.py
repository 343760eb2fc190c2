"""Makes the stick's console fonts: `python live/font.py FROM TO`, at build.

The shapes are Terminus's (SIL Open Font License), from Debian's console fonts in FROM; what
is ours is the choice (`glyphs.txt`): a font of Debian's has either French letters or Ukrainian
ones, or 512 shapes, and then the console has no bright letters. Each is also made twice as large,
for screens on which Debian's largest is too small to read (kernel 6.3 and later show them).
"""

from __future__ import annotations

import gzip
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SOURCE = "Uni2-Terminus"  # of Debian's, the one that has all of glyphs.txt
SIZES = ("16", "20x10", "22x11", "24x12", "28x14", "32x16")
DOUBLED = ("24x12", "28x14", "32x16")
GLYPHS = Path(__file__).with_name("glyphs.txt")
MOST = 256
_ASCII = range(0x20, 0x7F)  # at their own places: the kernel clears with 0x20, whatever it shows
_JOINED = range(0xC0, 0xE0)  # a VGA's text mode repeats the eighth column of these as the ninth
_UNKNOWN = "\ufffd"
_PSF1, _PSF2 = b"\x36\x04", 0x864AB572


class Font(NamedTuple):
    """A console font: the size of its cell in dots, and each character's rows as bytes."""

    wide: int
    high: int
    shapes: dict[str, bytes]


def wanted(path: Path = GLYPHS) -> tuple[str, str]:
    """What joins its neighbours, and all else beside ASCII, each once and in order."""
    found = {"draws": "", "letters": ""}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            what, _, characters = line.partition(" ")
            found[what] += characters
    return "".join(dict.fromkeys(found["draws"])), "".join(dict.fromkeys(found["letters"]))


def read(path: Path) -> Font:
    """A font in either of the console's two formats (kbd's psf.h), packed by gzip.

    Raises `ValueError` for anything else.
    """
    data = gzip.decompress(path.read_bytes())
    if data[:2] == _PSF1:
        begin, count, size, wide = 4, 512 if data[2] & 1 else 256, data[3], 8
        names = _names1(data[begin + count * size :])
        high = size
    elif struct.unpack_from("<I", data)[0] == _PSF2:
        begin, _, count, size, high, wide = struct.unpack_from("<6I", data, 8)
        table = data[begin + count * size :]
        names = (part.split(b"\xfe")[0].decode() for part in table.split(b"\xff")[:count])
    else:
        raise ValueError(f"{path} is no console font")
    shapes: dict[str, bytes] = {}
    for number, characters in enumerate(names):
        for character in characters:
            shapes[character] = data[begin + number * size :][:size]
    return Font(wide, high, shapes)


def _names1(table: bytes) -> Iterator[str]:
    """The characters of each shape; sequences of several (after 0xFFFE) are left out."""
    characters, several = "", False
    for (code,) in struct.iter_unpack("<H", table):
        if code == 0xFFFF:
            yield characters
            characters, several = "", False
        elif code == 0xFFFE:
            several = True
        elif not several:
            characters += chr(code)


def placed(font: Font, draws: str, letters: str) -> list[tuple[bytes, str]]:
    """The 256 shapes, each with the characters it stands for. Equal shapes share a place.

    Raises `ValueError` where there are too many, or where the font lacks one.
    """
    lacking = [one for one in draws + letters if one not in font.shapes]
    if lacking:
        raise ValueError(f"no shape for {''.join(lacking)}")
    places: dict[int, str] = {code: chr(code) for code in _ASCII}
    at = {font.shapes[chr(code)]: code for code in reversed(_ASCII)}
    free = [code for code in range(1, MOST) if code not in _ASCII]
    free.sort(key=lambda code: code in _JOINED)  # letters are better not joined
    for characters, among in ((draws, _JOINED), (letters, range(MOST))):
        for character in characters:
            shape = font.shapes[character]
            if shape not in at:
                at[shape] = next((code for code in free if code in among), -1)
                if at[shape] < 0:
                    raise ValueError(f"no place for {character}: more than {MOST} shapes")
                free.remove(at[shape])
            places[at[shape]] = places.get(at[shape], "") + character
    places[0] = _UNKNOWN
    empty = bytes(len(font.shapes[" "]))
    return [
        (font.shapes.get(places[code][0], empty) if code in places else empty, places.get(code, ""))
        for code in range(MOST)
    ]


def doubled(font: Font) -> Font:
    """Each dot as four."""
    row = (font.wide + 7) // 8

    def larger(shape: bytes) -> bytes:
        lines = []
        for y in range(font.high):
            dots = int.from_bytes(shape[y * row : (y + 1) * row], "big") >> (row * 8 - font.wide)
            wide = 0
            for x in range(font.wide):
                wide |= (dots >> x & 1) * 3 << 2 * x
            across = (2 * font.wide + 7) // 8
            lines.append((wide << (across * 8 - 2 * font.wide)).to_bytes(across, "big"))
        return b"".join(line for line in lines for _ in range(2))

    return Font(2 * font.wide, 2 * font.high, {c: larger(s) for c, s in font.shapes.items()})


def packed(font: Font, shapes: list[tuple[bytes, str]]) -> bytes:
    """PSF version 2 with its table of characters, by gzip: the same bytes each time."""
    size = len(shapes[0][0])
    head = struct.pack("<8I", _PSF2, 0, 32, 1, len(shapes), size, font.high, font.wide)
    table = b"".join(characters.encode() + b"\xff" for _, characters in shapes)
    return gzip.compress(head + b"".join(shape for shape, _ in shapes) + table, mtime=0)


def main(source: Path, out: Path) -> None:
    """All sizes into `out`, as etabli-HIGHxWIDE.psf.gz."""
    out.mkdir(parents=True, exist_ok=True)
    draws, letters = wanted()
    for size in SIZES:
        plain = read(source / f"{SOURCE}{size}.psf.gz")
        for font in (plain, *((doubled(plain),) if size in DOUBLED else ())):
            name = f"etabli-{font.high}x{font.wide}.psf.gz"
            (out / name).write_bytes(packed(font, placed(font, draws, letters)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
