"""What a scanner or a telephone reads from our own labels and papers is answered, in any form."""

from __future__ import annotations

import io
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from bench.__main__ import main
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.lot_label import LotLabel, lot_label_pdf
from bench.documents.shortcode import in_text
from bench.records import log
from labels import identifier
from labels.content import LabelContent, LabelState
from labels.make import make
from tests import forge
from tests.unit.commands.conftest import ROOT
from tests.unit.documents.examples import code_sheet
from tests.unit.documents.paper_reader import codes
from tests.unit.documents.papers import CLEARED, CUT, GOOD, attestation, machine

ASSET, LOT = (str(identifier.make("R", kind, 26, 4217)) for kind in "CL")
NAMED_LOT = "LOT-2026-118"
# The keys of two keyboards, by place: without and with Shift.
US = (
    "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    '!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?',
)
FR = (
    "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!",
    "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%WXCVBN?./§",
)


def typed(text: str, scanner: tuple[str, str], console: tuple[str, str], caps: bool = False) -> str:
    """What a scanner set to one keyboard types on a console of another."""
    out = ""
    for character in text:
        shift = character not in scanner[0]
        place = scanner[shift].index(character)
        key = console[shift][place]
        out += key.swapcase() if caps and key.isalpha() and len(key.swapcase()) == 1 else key
    return out


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "with Enter": lambda text: text + "\r\n",
    "with a tab": lambda text: f"\t{text}\t",
    "with a group separator": lambda text: f"{text}\x1d",
    "lower case": str.lower,
    "with its kind": lambda text: f"]Q1{text}\r",
    "French scanner on a US console": lambda text: typed(text, FR, US),
    "US scanner on a French console": lambda text: typed(text, US, FR) + "\r",
    "the same with Caps Lock": lambda text: typed(text, US, FR, caps=True),
    "the other with Caps Lock": lambda text: typed(text, FR, US, caps=True),
    "kind and keyboard": lambda text: typed(f"]Q1{text}", US, FR),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[log.Log]:
    made = forge.store_of(tmp_path_factory.mktemp("codes"), "home")
    device = made.new_device()
    made.append("machine.arrived", {"asset": ASSET}, device=device, lot=NAMED_LOT)
    made.append("lot.received", {"machines": 1}, lot=NAMED_LOT)
    folder = made.store.path.parent
    operators = '[[operators]]\ncode = "OP-7F3K"\n'
    (folder / "settings.toml").write_text(f'workshop = "Atelier"\n{operators}')
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def scanned(home: log.Log) -> list[str]:
    """The codes of attestations of one disk, of two, of many, as read from their pages."""
    found = []
    for disks in ((GOOD,), (GOOD, CUT), (GOOD, CLEARED) * 20):
        (text,) = codes(issue_attestation(attestation(machine(*disks)), home.key).pdf)
        found.append(text)
    return found


Ends = Callable[..., tuple[int, str]]


@pytest.fixture
def ends(home: log.Log, capsys: pytest.CaptureFixture[str]) -> Ends:
    def run(what: str, folder: Path | None = None) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["verify", "--data", str(folder or home.store.path.parent), "--", what])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
def test_the_code_of_a_paper_in_every_form(form: str, scanned: list[str], ends: Ends) -> None:
    for text in scanned:
        code, told = ends(FORMS[form](text))
        assert (code, told[:3]) == (0, "BON"), told
        assert "RC26-004217-7" in told


@pytest.mark.long
def test_a_changed_code_is_bad_in_every_form(scanned: list[str], ends: Ends) -> None:
    for form in FORMS.values():
        text = scanned[0]
        for at in (20, 150, len(text) - 20):
            other = "A" if text[at] != "A" else "C"
            code, told = ends(form(text[:at] + other + text[at + 1 :]))
            assert (code, told[:7]) == (1, "MAUVAIS"), told


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pasted_or_saved_code(
    encoding: str, scanned: list[str], home: log.Log, tmp_path: Path, ends: Ends
) -> None:
    """From a mail, folded at 60 characters, as a file or on stdin."""
    text = scanned[0]
    folded = "\r\n  ".join(text[at : at + 60] for at in range(0, len(text), 60)) + "\r\n"
    assert ends(folded)[0] == 0
    saved = tmp_path / "code.txt"
    saved.write_bytes(f"Code : {folded}".encode(encoding))
    assert ends(str(saved))[0] == 0
    done = subprocess.run(
        [str(ROOT / "etabli"), "verify", "-", "--data", str(home.store.path.parent)],
        stdin=saved.open("rb"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.startswith(b"BON"), done.stderr


def test_a_scanner_at_a_terminal_needs_no_end_of_file(home: log.Log, scanned: list[str]) -> None:
    master, slave = pty.openpty()
    words = [str(ROOT / "etabli"), "verify", "-", "--data", str(home.store.path.parent)]
    with subprocess.Popen(words, stdin=slave, stdout=subprocess.PIPE) as process:
        os.close(slave)
        half = len(scanned[0]) // 2  # a person may paste it on two lines
        os.write(master, f"{scanned[0][:half]}\n{scanned[0][half:]}\n".encode())
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and b"BON" in out
    os.close(master)


@pytest.mark.long
@pytest.mark.parametrize("what", ["a.json", "bag.zip"])
def test_a_file_in_a_pipe(what: str, home: log.Log, tmp_path: Path) -> None:
    from bench.exchange.bag import export_bag

    (tmp_path / "a.json").write_bytes(issue_attestation(attestation(machine(GOOD)), home.key).json)
    export_bag(home, tmp_path / "bag.zip")
    done = subprocess.run(
        [str(ROOT / "etabli"), "verify", "-", "--data", str(home.store.path.parent)],
        stdin=(tmp_path / what).open("rb"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.startswith(b"BON"), done.stderr


LABEL_FORMS = [form for form in FORMS if "Caps" not in form and "kind and" not in form]


@pytest.mark.parametrize("form", LABEL_FORMS)
def test_the_codes_of_a_label(form: str, ends: Ends, tmp_path: Path) -> None:
    content = LabelContent(asset=ASSET, state=LabelState.TO_TEST, title="T480", qr_text=ASSET)
    picture = Image.open(io.BytesIO(make(content)))
    read = {code.text for code in zxingcpp.read_barcodes(picture)}
    assert read == {ASSET}
    code, told = ends(FORMS[form](ASSET))
    assert code == 0 and told.startswith(f"JUSTE : {ASSET}") and "aucun effacement" in told
    code, told = ends(FORMS[form](ASSET), tmp_path)
    assert code == 5 and told.startswith(f"INCONNU : {ASSET}") and "aucun effacement" in told


@pytest.mark.long
@pytest.mark.parametrize("form", LABEL_FORMS)
def test_the_codes_of_lots_and_of_the_sheet(form: str, ends: Ends) -> None:
    pages = lot_label_pdf(LotLabel(NAMED_LOT, "Atelier"))
    assert set(codes(pages, dpi=150)) == {NAMED_LOT}
    assert ends(FORMS[form](NAMED_LOT))[0] == 0
    assert ends(FORMS[form](LOT))[0] == 5
    for text in sorted(set(codes(code_sheet(), dpi=200))):
        known = text.startswith("ACT-") or text == "OP-7F3K"
        code, told = ends(FORMS[form](text))
        assert code == (0 if known else 1), (text, told)


@pytest.mark.parametrize(
    "text",
    [
        "ETABLI1",
        "ETABLI1:",
        "ETABLI2:" + "A" * 300,
        "ETABLI1:" + "A" * 100_000,
        "A" * 5000,
        "é" * 300,
        "a\0b",
        "/" * 5000,
        "\ud800",
        "",
        "]Q1",
        "https://example.org/" + "x" * 3000,
    ],
)
def test_any_other_text_is_one_sentence(text: str, ends: Ends) -> None:
    code, told = ends(text)
    assert code in (1, 2) and "inattendu" not in told and told.count("\n") <= 2, told


def test_nothing_else_is_taken_for_a_code() -> None:
    for text in (ASSET, LOT, "attestation.json", "x" * 17 + "ETABLI1:AAAA", "ETABLI1,AAAA"):
        assert in_text(text) == ()
