"""What a person writes in `settings.toml` is judged where it is read, and told in our words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import sentence
from bench.guide.starting import MOST_BENCHES
from bench.setup.settings import Settings, load
from bench.words.catalogue import choose
from labels import blocks


def numbers(model: Any, above: str = "") -> Iterator[tuple[str, msgspec.inspect.IntType]]:
    """Every whole number a person may write, with the tables it stands in."""
    for field in model.fields:
        kinds = getattr(field.type, "types", (field.type,))
        for kind in kinds:
            if isinstance(kind, msgspec.inspect.IntType):
                yield f"{above}{field.encode_name}", kind
            elif isinstance(kind, msgspec.inspect.StructType):
                yield from numbers(kind, f"{above}{field.encode_name}.")


ALL = dict(numbers(msgspec.inspect.type_info(Settings)))


def written(folder: Path, name: str, value: object) -> Path:
    table, _, key = name.rpartition(".")
    head = f"[{table}]\n" if table else ""
    (folder / "settings.toml").write_text(f"{head}{key} = {value}\n")
    return folder


def test_numbers_are_found() -> None:
    assert {"bench", "backup.hours", "bags.keep_days"} <= ALL.keys()


@pytest.mark.parametrize("name", ALL)
def test_every_number_has_its_limits_where_it_is_read(name: str, tmp_path: Path) -> None:
    kind = ALL[name]
    assert kind.ge is not None and kind.le is not None, name
    for fits in (kind.ge, kind.le):
        load(written(tmp_path, name, fits))
    for beyond in (kind.ge - 1, kind.le + 1, 99999999999):
        with pytest.raises(Failure) as told:
            load(written(tmp_path, name, beyond))
        assert told.value.exit_code is Exit.USAGE
        limit = kind.ge if beyond < kind.ge else kind.le
        assert name in sentence(told.value) and f"{limit}" in sentence(told.value)


def test_every_bench_that_may_be_written_has_numbers() -> None:
    least, most = ALL["bench"].ge, ALL["bench"].le
    assert most == MOST_BENCHES and least is not None and most is not None
    starts = [blocks.for_bench("R", 26, bench).start for bench in range(int(least), int(most) + 1)]
    assert len(set(starts)) == len(starts)
    last = blocks.for_bench("R", 26, MOST_BENCHES)
    assert blocks.next_identifier(last, None) is not None
    assert blocks.next_identifier(last, 999_999) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('bench = "zz\n', ("1", "12")),  # where, in the file
        ("bench =", ("réglages",)),
        ('bench = "two"\n', ("bench",)),
        ("bnch = 2\n", ("bnch",)),
        ("[backup]\nwhen = 2\n", ("backup.when",)),
        ('prefix = "toolong"\n', ("prefix",)),
        ('prefix = "é"\n', ("prefix",)),
    ],
)
def test_what_is_written_badly_is_told_by_its_place(
    tmp_path: Path, text: str, told: tuple[str, ...]
) -> None:
    choose("fr")
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(Failure, match="settings_unreadable") as failed:
        load(tmp_path)
    said = sentence(failed.value)
    assert all(each in said for each in told), said
    for english in ("Illegal", "Expected", "Object", "Invalid", "unknown", "at "):
        assert english not in said, said


def test_bytes_that_are_no_text_and_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Failure, match="settings_unreadable") as failed:
        load(tmp_path)
    assert "codec" not in sentence(failed.value)
    (tmp_path / "settings.toml").unlink()
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(Failure, match="file_unreadable") as failed:
        load(tmp_path)
    assert failed.value.exit_code is Exit.MACHINE and "directory" not in sentence(failed.value)
