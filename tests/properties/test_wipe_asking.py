"""Drives asked through tools that are missing, hang, or print anything at all."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from diagnostics.command import Completed, Content, Problem
from diagnostics.model import DiskKind
from wipe.decide.plan import Plan, plan
from wipe.decide.reach import left
from wipe.job.asking import read_capabilities
from wipe.methods.ata import parse_sanitize_status
from wipe.model.spec import Method, Target, TargetKind
from wipe.seen.presence import read_temperature
from wipe.seen.smart import parse_smart

KINDS = (
    DiskKind.HDD, DiskKind.SSD, DiskKind.NVME, DiskKind.SAS_HDD, DiskKind.SAS_SSD, DiskKind.EMMC,
    DiskKind.UNKNOWN,
)  # fmt: skip
WORDS = (
    b"0000 " * 256, b"ffff " * 256, b"Command is supported", b"[SEC_FEATURE_SUPPORT]: 0x",
    b" max sectors   = ", b"1/1, HPA", b"Real max sectors: ", b"9" * 5000, b"State:    SD", b"2",
    b"Progress: 0x0 (", b"%)", "\u0663\u00b2".encode(), b"\0", b"\xff", b'{"temperature":', b"}",
)  # fmt: skip
said = st.lists(st.sampled_from(WORDS) | st.binary(max_size=40), max_size=6).map(b"".join)
answers = st.tuples(st.sampled_from([0, 1, 2, 5, 130, None]), said, said, st.sampled_from(
    [None, Problem.MISSING, Problem.TIMEOUT, Problem.DENIED, Problem.IO]
))  # fmt: skip


class Hostile:
    """Answers in the order drawn, round and round."""

    def __init__(self, drawn: list[tuple[int | None, bytes, bytes, Problem | None]]) -> None:
        self._drawn, self._turn = drawn, 0

    def _next(self) -> tuple[int | None, bytes, bytes, Problem | None]:
        self._turn += 1
        return self._drawn[self._turn % len(self._drawn)]

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        code, out, err, problem = self._next()
        return Completed(tuple(argv), code, out, err, 0.0, problem)

    def read(self, path: str) -> Content:
        _, out, _, problem = self._next()
        return Content(path, None if problem else out, problem)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None if self._next()[3] else ("hwmon1", "nvme0", "nvme0n1", "temp1_input")

    def link(self, path: str) -> str | None:
        return None if self._next()[3] else "/sys/devices/nvme0"

    def has(self, tool: str) -> bool:
        return self._next()[3] is not Problem.MISSING


@given(st.sampled_from(KINDS), st.lists(answers, min_size=1, max_size=8))
def test_whatever_the_tools_say_there_is_a_plan_that_ends_in_overwriting(
    kind: DiskKind, drawn: list[tuple[int | None, bytes, bytes, Problem | None]]
) -> None:
    runner = Hostile(drawn)
    target = Target("/dev/nvme0n1", TargetKind.BLOCK, 1 << 30, disk_kind=kind)
    can = read_capabilities(runner, target)
    made = plan(target, can)
    if isinstance(made, Plan) and not left(Method.OVERWRITE, can.holds):
        assert made.techniques[-1].method is Method.OVERWRITE
    found = read_temperature(runner, "/sys/x", "/dev/x")
    assert found is None or -20 < found < 120


@given(st.sampled_from(KINDS))
def test_tools_that_time_out_or_are_missing_promise_nothing(kind: DiskKind) -> None:
    for problem in (Problem.TIMEOUT, Problem.MISSING, Problem.DENIED):
        silent = Hostile([(None, b"", b"", problem)])
        target = Target("/dev/nvme0n1", TargetKind.BLOCK, 1 << 30, disk_kind=kind)
        can = read_capabilities(silent, target)
        made = plan(target, can)
        assert not can.read
        assert isinstance(made, Plan) and [one.method for one in made.techniques] == ["overwrite"]


@given(said, said)
@example(b"State:    SD2\nProgress: 0x8000 (" + b"9" * 5000 + b"%)", b"")
def test_numbers_of_any_length_are_no_fault(out: bytes, err: bytes) -> None:
    parse_sanitize_status(out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
    parse_smart(out)
