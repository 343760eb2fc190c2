"""Brother's rolls: told by the printer, named by the bytes, and never mixed up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.labelling import printing
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings
from bench.words.catalogue import choose
from labels.content import LabelContent
from labels.errors import LabelError
from labels.make import make
from labels.printers import brother_ql
from labels.printers.ask import must_be_ready
from labels.printers.rolls import Roll, wanted
from labels.printers.status import from_brother
from labels.queue import JobState
from tests.unit.labels.printer_stand_in import printer
from tests.unit.labels.test_status import brother

CONTENT = LabelContent(asset="RC26-004217-H", title="HP EliteBook 840 G5", site="Roubaix")
DK_22205 = brother(width=62, kind=0x0A)
DK_11209 = brother(width=62, kind=0x0B, length=29)
DK_11202 = brother(width=62, kind=0x0B, length=100)


@pytest.mark.parametrize(
    ("answer", "roll", "said"),
    [
        (DK_22205, Roll(62, 0), "DK-22205 (62 mm)"),
        (DK_11209, Roll(62, 29), "DK-11209 (62 × 29 mm)"),
        (DK_11202, Roll(62, 100), "DK-11202 (62 × 100 mm)"),
        (brother(width=62, kind=0x4A), Roll(62, 0), "DK-22205 (62 mm)"),
        (brother(width=62, kind=0x4B, length=29), Roll(62, 29), "DK-11209 (62 × 29 mm)"),
        (brother(width=29, kind=0x0B, length=90), Roll(29, 90), "DK-11201 (29 × 90 mm)"),
        (brother(width=54, kind=0x0A), Roll(54, 0), "54 mm"),
        (brother(width=62, kind=0x0A, length=29), Roll(62, 0), "DK-22205 (62 mm)"),
        (brother(width=62, kind=0x0B, length=0), None, ""),
        (brother(width=62, kind=0x13, length=29), None, ""),
        (brother(width=0, kind=0), None, ""),
    ],
)
def test_the_status_tells_the_roll(answer: bytes, roll: Roll | None, said: str) -> None:
    found = from_brother(answer).roll
    assert found == roll and (roll is None or str(roll) == said)


def test_the_bytes_name_the_roll_they_were_made_for() -> None:
    assert wanted(make(CONTENT, target="ql")) == Roll(62, 0)
    assert wanted(make(CONTENT, target="ql", die_cut=True)) == Roll(62, 29)
    for model in brother_ql.MODELS:
        assert wanted(make(CONTENT, target="ql", model=model, die_cut=True)) == Roll(62, 29)
    for target in ("zpl", "pt", "dymo"):
        assert wanted(make(CONTENT, target=target)) is None


@pytest.mark.parametrize(("kind", "length"), [(0x0A, 29), (0x0B, 0), (0x0C, 0)])
def test_a_kind_that_contradicts_its_length_is_no_label(kind: int, length: int) -> None:
    data = make(CONTENT, target="ql", die_cut=True)
    at = data.index(b"\x1biz") + 4
    with pytest.raises(LabelError) as caught:
        brother_ql.decode(data[:at] + bytes((kind, 62, length)) + data[at + 3 :])
    assert caught.value.code == "bytes_unreadable"


@pytest.mark.parametrize(
    ("status", "die_cut", "code"),
    [
        (DK_22205, False, None),
        (DK_22205, True, "wrong_roll"),
        (DK_11209, True, None),
        (DK_11209, False, "wrong_roll"),
        (DK_11202, True, "wrong_roll"),
        (DK_11202, False, "wrong_roll"),
        (brother(width=29, kind=0x0B, length=90), True, "printer_not_ready"),
        (brother((0, 0x01)), False, "printer_not_ready"),  # "replace media", the sizes agree
        (brother(width=62, kind=0x13), True, None),  # it does not say: nothing to refuse on
    ],
)
def test_a_label_for_another_roll_is_refused(status: bytes, die_cut: bool, code: str) -> None:
    data = make(CONTENT, target="ql", die_cut=die_cut)
    with printer(status=status) as stand_in:
        if code is None:
            must_be_ready(stand_in.address, "ql", data)
            return
        with pytest.raises(LabelError) as caught:
            must_be_ready(stand_in.address, "ql", data)
    assert caught.value.code == code
    sentence = printing.said(caught.value)
    assert "{" not in sentence
    assert code != "wrong_roll" or sentence.count(".") == 1


@pytest.mark.parametrize(
    ("status", "setting", "roll"),
    [
        (DK_22205, False, Roll(62, 0)),
        (DK_22205, True, Roll(62, 0)),  # the printer's own word goes before the setting
        (DK_11209, False, Roll(62, 29)),
        (b"", False, Roll(62, 0)),
        (b"", True, Roll(62, 29)),
        (DK_11202, False, None),
    ],
)
def test_a_label_is_made_for_the_roll_there_is(
    tmp_path: Path, status: bytes, setting: bool, roll: Roll | None
) -> None:
    choose("fr")
    context = Context(DataFolder(tmp_path, "option"))
    log = context.open_log()
    with printer(status=status) as stand_in:
        settings = Settings(printer=stand_in.address, die_cut=setting)
        error = printing.print_content(context, log, CONTENT, settings)
        received = [data for data in stand_in.received if wanted(data) is not None]
    log.store.close()
    if roll is not None:
        assert error is None and [wanted(data) for data in received] == [roll]
        return
    assert error is not None and error.code == "wrong_roll" and not received
    assert printing.said(error) == (
        "Mettez le rouleau DK-22205 (62 mm) : l'imprimante a DK-11202 (62 × 100 mm)."
    )
    (job,) = printing.waiting_jobs(context)
    assert job.state is JobState.QUEUED
