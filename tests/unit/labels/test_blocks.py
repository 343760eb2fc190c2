"""Number blocks: two benches offline never give the same identifier."""

import pytest

from labels.blocks import Block, for_bench, identifiers, next_identifier, reserve


def test_next_number_runs_to_the_end_and_stops() -> None:
    block = Block("R", 26, 11, 3)
    given = []
    last = None
    while (identifier := next_identifier(block, last)) is not None:
        given.append(str(identifier))
        last = identifier.number
    assert given == [str(i) for i in identifiers(block)]
    assert [text[5:11] for text in given] == ["000011", "000012", "000013"]


@pytest.mark.parametrize("foreign", [0, 10, 14, 10**9, -1])
def test_a_number_from_elsewhere_stops_the_block(foreign: int) -> None:
    assert next_identifier(Block("R", 26, 11, 3), foreign) is None


def test_reserved_blocks_never_touch() -> None:
    taken: list[Block] = []
    for size in (5, 1, 900, 30):
        block = reserve(taken, "R", 2026, size)
        assert block is not None
        assert not any(collide(block, other) for other in taken)
        taken.append(block)
    other_year = reserve(taken, "R", 2027, 5)
    assert other_year is not None
    assert other_year.start == 1


def test_a_full_year_gives_no_block() -> None:
    taken = [Block("R", 26, 1, 999_990)]
    assert reserve(taken, "R", 26, 9) == Block("R", 26, 999_991, 9)
    assert reserve(taken, "R", 26, 10) is None
    assert reserve(taken, "R", 26, 0) is None


def test_benches_without_a_word_between_them() -> None:
    blocks = [for_bench("R", 26, bench) for bench in range(100)]
    assert not any(
        collide(first, second) for i, first in enumerate(blocks) for second in blocks[i + 1 :]
    )
    with pytest.raises(ValueError, match="bench 100"):
        for_bench("R", 26, 100)


def collide(first: Block, second: Block) -> bool:
    """Whether two blocks of the same prefix and year share a number."""
    return first.start < second.end and second.start < first.end


def test_kind_prefix_and_year_keep_blocks_apart() -> None:
    base = set(identifiers(Block("R", 26, 1, 10)))
    assert base & set(identifiers(Block("R", 26, 10, 5)))
    for other in (Block("S", 26, 1, 10), Block("R", 27, 1, 10), Block("R", 26, 1, 10, "D")):
        assert not base & set(identifiers(other))
