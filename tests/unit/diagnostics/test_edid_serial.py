"""Serial numbers of screens, as their labels bear them. All numbers are invented."""

from __future__ import annotations

import pytest

from diagnostics.read import read


def edid(
    maker: str,
    number: int,
    text: str | None,
    *,
    product: int = 0x0330,
    made: tuple[int, int] = (19, 2017),
) -> bytes:
    """A base block with these two serials, checksum right."""
    first, second, third = (ord(letter) - 64 for letter in maker)
    head = b"\x00" + b"\xff" * 6 + b"\x00" + (first << 10 | second << 5 | third).to_bytes(2, "big")
    head += product.to_bytes(2, "little") + number.to_bytes(4, "little")
    head += bytes((made[0], made[1] - 1990, 1, 3))
    block = head.ljust(54, b"\0")
    name = b"\0\0\0\xfc\0" + b"SCREEN\n".ljust(13)
    told = b"\0\0\0\xff\0" + (text.encode() + b"\n").ljust(13)[:13] if text is not None else name
    block += b"\0" * 18 + name + told + b"\0\0\0\x10".ljust(18, b"\0")
    block = block.ljust(127, b"\0")
    return block + bytes((-sum(block) % 256,))


def serial(*given: object, **more: object) -> str | None:
    found: str | None = read("edid", edid(*given, **more))["facts"]["serial"]  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("maker", "product", "number", "text", "expected"),
    [
        # Acer: eight signs, the number in hexadecimal, four signs.
        ("ACR", 0x0330, 0x71903A0C, "LXPEE0144202", "LXPEE01471903a0c4202"),
        ("ACR", 0x7777, 0x0000051F, "JNB110015900", "JNB110010000051f5900"),  # a model not listed
        ("ACR", 0x0330, 0, "LXPEE0144202", "LXPEE0144202"),
        ("ACR", 0x0330, 0x01010101, "LXPEE0144202", "LXPEE0144202"),
        ("ACR", 0xAD25, 0x44500AAA, "ETL2508043", "ETL2508043"),  # whole by itself
        ("ACR", 0x0330, 0x51AA, None, "20906"),
        # BenQ: letters before the text, least byte first.
        ("BNQ", 0x8027, 0x5445, "X9J08419019", "ETX9J08419019"),
        ("BNQ", 0x8027, 0x5445, None, "21573"),
        ("BNQ", 0x8027, 0x00003337, "X9J08419019", "X9J08419019"),
        # Samsung: four signs before the text, highest byte first; long ago they named the chassis.
        ("SAM", 0x0CA5, 0x5A5A4841, "H4ZKA00123", "ZZHAH4ZKA00123"),
        ("SAM", 0x09C6, 0x30323736, "H4MF200123", "0276H4MF200123"),
        ("SAM", 0x0E5A, 0x41485A5A, "H4ZKA00123", "ZZHAH4ZKA00123"),
        ("SAM", 0x04D3, 0x4B493234, "H9XS931234", "H9XS931234"),
        ("SAM", 0x1035, 0x44503135, "HXAKB11234", "HXAKB11234"),
        ("SAM", 0x0CA5, 0x00001234, "H4ZKA00123", "H4ZKA00123"),
        ("SAM", 0x0C18, 0x30414D4B, None, "809585995"),
        # Philips prints six digits, some LG a code.
        ("PHL", 0x08D7, 6457, None, "006457"),
        ("PHL", 0x08D7, 6457, "AU51430006457", "AU51430006457"),
        ("GSM", 0x4B21, 338671, None, "9Y671"),
        ("GSM", 0x55F3, 52846, None, "52846"),
        # All others: the text; the number where the text is none.
        ("DEL", 0xF015, 0x4150364C, "F525M1AGAP6L", "F525M1AGAP6L"),
        ("LEN", 0x61BC, 0, "V905BAYH", "V905BAYH"),
        ("ENC", 0x1749, 68056071, None, "68056071"),
        ("IVM", 0x6615, 1128957, "0", "1128957"),
        ("IVM", 0x6615, 0x01010101, "0", None),
        ("IVM", 0x6615, 0xFFFFFFFF, None, None),
        ("IVM", 0x6615, 0, None, None),
    ],
)
def test_a_serial_is_what_the_label_bears(
    maker: str, product: int, number: int, text: str | None, expected: str | None
) -> None:
    assert serial(maker, number, text, product=product) == expected


@pytest.mark.parametrize("maker", ["GWY", "PKB", "EMA"])
def test_acers_other_brands_are_joined_where_the_number_tells_the_week(maker: str) -> None:
    assert serial(maker, 0x71903A0C, "LR80D0018540") == "LR80D00171903a0c8540"
    for made in ((20, 2017), (19, 2016)):
        assert serial(maker, 0x71903A0C, "LR80D0018540", made=made) == "LR80D0018540"


@pytest.mark.parametrize(
    ("maker", "product", "text"),
    [("ACR", 0xAD49, "L49086694237"), ("SAM", 0x0CA5, "H4ZKA00123"), ("EMA", 1, "L49086694237")],
)
def test_four_screens_of_one_model_are_four(maker: str, product: int, text: str) -> None:
    numbers = (0x719030C6, 0x7190328F, 0x71903291, 0x71903290)
    if maker == "SAM":
        numbers = (0x5A5A4841, 0x5A5A4842, 0x5A5A4843, 0x5A5A4844)
    assert len({serial(maker, number, text, product=product) for number in numbers}) == 4
