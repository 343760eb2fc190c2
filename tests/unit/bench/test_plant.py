"""The demo's disk really holds what it says it will erase."""

from pathlib import Path

from bench.demo import plant


def test_everything_planted_is_found(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    plant.plant(image, 8 << 20)
    assert image.stat().st_size == 8 << 20
    assert plant.survivors(image) == sorted(plant.planted())


def test_one_survivor_across_a_read_boundary_is_found(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    name = plant.NAMES[0].encode()
    image.write_bytes(bytes((4 << 20) - 5) + name + bytes(100))
    assert plant.survivors(image) == [name]


def test_first_and_last_sector_are_planted(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    plant.plant(image, 2 << 20)
    content = image.read_bytes()
    assert any(needle in content[:4096] for needle in plant.planted())
    assert any(needle in content[-4096:] for needle in plant.planted())


def test_the_card_number_passes_luhn() -> None:
    digits = [int(digit) for digit in reversed(plant.CARD.replace(" ", ""))]
    doubled = [digit * 2 for digit in digits[1::2]]
    total = sum(digits[::2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)
    assert total % 10 == 0
