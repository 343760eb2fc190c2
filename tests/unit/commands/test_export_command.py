"""`etabli export` in every format, through the command."""

from pathlib import Path
from typing import Any

import pytest

from bench.commands import export
from bench.exchange.formats import write


def test_the_formats_offered_are_those_there_are() -> None:
    assert set(export._FORMATS) == set(write.FORMATS)


@pytest.mark.parametrize("name", export._FORMATS)
def test_each_format_is_written_once(etabli: Any, tmp_path: Path, name: str) -> None:
    out = tmp_path / ("folder" if name in write.FOLDERS else f"list.{name}")
    first = etabli("export", "--format", name, "--out", out)
    assert first.returncode == 0, first.stderr
    assert out.exists()
    again = etabli("export", "--format", name, "--out", out)
    assert again.returncode == 2 and len(again.stderr.strip().splitlines()) == 1
