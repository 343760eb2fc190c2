"""Files are written by one module, `diagnostics/durable.py`: nothing goes round it.

Whoever opens, makes, renames or removes a file by its path follows the links on the way.
"""

from __future__ import annotations

import ast

import pytest

from tests.unit.architecture.test_architecture import ROOT, SOURCES

DURABLE = ROOT / "diagnostics" / "durable.py"
# Calls on a path or of `os`, by their last name, that change what lies in a folder.
WRITES = frozenset(
    {
        "mkdir", "makedirs", "write_bytes", "write_text", "touch", "rename", "renames", "symlink",
        "symlink_to", "hardlink_to", "link_to", "mkfifo", "mknod", "fsync", "unlink", "rmdir",
        "removedirs", "copyfile", "copy2", "copytree", "rmtree", "mkstemp", "mkdtemp",
    }
)  # fmt: skip
# Who may, and why it is no file of ours or no way round.
ALLOWED = {
    "bench/__main__.py": "/dev/null, for a pipe that is gone",
    "bench/carrying/carrier.py": "where a stick is mounted, in /run, by root",
    "bench/carrying/copying.py": "a stick's own folder, opened once, never through a link",
    "bench/commands/demo.py": "a folder of its own, made by mkdtemp for this run",
    "bench/commands/netboot.py": "a folder of its own, made by mkdtemp for this run",
    "bench/demo/plant.py": "a throw-away image, made anew",
    "bench/demo/workbench.py": "the throw-away images of the demo",
    "bench/exchange/archive.py": "opens for reading only, without following",
    "bench/exchange/archive_writer.py": "a bag where a person wants it, made under a fresh name",
    "bench/exchange/formats/write.py": "takes away half a list where a person wanted it",
    "bench/exchange/signers.py": "copies into a folder of its own, made by mkdtemp for this look",
    "bench/exchange/sync.py": "receipts on a stick, made under a fresh name",
    "bench/exchange/kept.py": "a bag made read-only, before it moves to its place",
    "bench/exchange/push.py": "takes away the bag that was sent",
    "bench/hub/uploads.py": "appends to a part opened through `durable`, and takes it away",
    "bench/netboot/image.py": "the same folder, before anybody is served from it",
    "diagnostics/checks/picture_out.py": "sysfs: a light",
    "diagnostics/checks/v4l2.py": "a camera",
    "diagnostics/command.py": "opens for reading only",
    "labels/printers/ask.py": "a printer",
    "labels/printers/send.py": "a printer",
    "wipe/job/prepare.py": "takes half a job away",
    "wipe/job/suspend.py": "sysfs, and a lock that is only looked at",
    "wipe/journal/journal.py": "syncs what `durable` has opened; asks for a lock",
    "wipe/methods/hidden.py": "sysfs",
    "wipe/surface/io.py": "the disk",
}


def goes_round(source: str) -> list[str]:
    """The calls of a module that write by a path, with their lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            bare = node.func.id if isinstance(node.func, ast.Name) else ""
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            by = owner.id if isinstance(owner, ast.Name) else ""
            if by == "durable":
                continue
            if (name in WRITES or (name == "open" and by == "os")
                    or (name == "chmod") or (name == "replace" and _moves(node, by))
                    or ((name == "open" or bare == "open") and _mode(node, bare))):  # fmt: skip
                found.append(f"{node.lineno}: {by or bare}.{name}")
    return found


def _moves(call: ast.Call, by: str) -> bool:
    """`Path.replace` has one argument and no keyword, `str.replace` two, of structs a keyword."""
    return by == "os" or (len(call.args) == 1 and not call.keywords)


def _mode(call: ast.Call, bare: str) -> bool:
    at = 1 if bare else 0
    given = [*call.args[at : at + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    modes = [value.value for value in given if isinstance(value, ast.Constant)]
    return any(
        isinstance(mode, str) and set(mode) & set("wax+") and set(mode) <= set("rwaxbt+")
        for mode in modes
    )


def test_no_module_goes_round_the_one_that_writes() -> None:
    found = {
        str(path.relative_to(ROOT)): calls
        for path in SOURCES
        if path != DURABLE and (calls := goes_round(path.read_text("utf-8")))
    }
    assert {name: calls for name, calls in found.items() if name not in ALLOWED} == {}
    assert set(ALLOWED) <= set(found), "no longer needed: take it off the list"


@pytest.mark.parametrize(
    "line",
    [
        "path.write_bytes(data)", "open(path, 'w')", "path.open('ab')", "path.open(mode='x')",
        "path.replace(other)", "os.replace(a, b)", "os.open(path, flags)", "folder.mkdir()",
        "path.unlink(missing_ok=True)", "shutil.copyfile(a, b)", "path.chmod(0o600)",
    ],
)  # fmt: skip
def test_what_goes_round_is_seen(line: str) -> None:
    assert goes_round(line)


@pytest.mark.parametrize(
    "line",
    [
        "text.replace('a', 'b')",
        "open(path, 'rb')",
        "structs.replace(job, path=1)",
        "durable.touch(p)",
    ],
)
def test_what_does_not_is_not(line: str) -> None:
    assert goes_round(line) == []
