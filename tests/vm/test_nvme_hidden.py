"""NVMe with a second namespace that is allocated and not attached: nothing good is claimed.

The kernel shows one disk; what the other namespace holds is counted on the host, in its image.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm import disks, jobs
from tests.vm.disks import Bus
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Guest

pytestmark = pytest.mark.vm

MIB = 12
SECTORS = MIB << 11
# What the plan was made from: the controller as it is, or as it was before the other namespace.
BELIEVED: dict[str, dict[str, object] | None] = {
    "asked": None,
    "format": {"read": True, "format_user": True, "namespaces": 1},
    "written": {"read": True, "namespaces": 1},
}


def _controller(folder: Path, name: str) -> list[str]:
    """QEMU's controller in a subsystem of its own, its second namespace detached."""
    argv = ["-device", f"nvme-subsys,id=sub-{name}"]
    argv += ["-device", f"nvme,id={name},serial=ET{name.upper()},subsys=sub-{name}"]
    for number, more in ((1, ""), (2, ",detached=on")):
        image = disks.make(folder, f"{name}{number}", Bus.NVME, MIB).image
        assert disks.plant(image, f"{name}{number}") == SECTORS
        argv += ["-drive", f"if=none,id={name}{number},format=raw,file={image}"]
        argv += ["-device", f"nvme-ns,bus={name},drive={name}{number},nsid={number}{more}"]
    return argv


@pytest.fixture(scope="module")
def ended(
    images: Images, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, dict[str, Answer]]]:
    folder = tmp_path_factory.mktemp("hidden")
    extra = [word for name in BELIEVED for word in _controller(folder, name)]
    data = jobs.data_disk(folder)
    with Guest(images, folder / "vm", [data], extra=extra) as guest:
        jobs.mount(guest, data)
        rows = []
        for name, believed in BELIEVED.items():
            script = f"lsblk -dno PATH,SERIAL | awk '$2==\"ET{name.upper()}\" {{print $1}}'"
            (path,) = guest.sh(script).ok().text.split()  # one disk: the other is not shown
            rows.append({"path": path} if believed is None else {"path": path, "believe": believed})
        found = jobs.start(guest, rows)
        answers = {name: found[str(row["path"])] for name, row in zip(BELIEVED, rows, strict=True)}
    yield folder, answers
    for image in folder.glob("*.raw"):
        image.unlink()


def _whole(folder: Path, name: str) -> int:
    return len(disks.survivors(folder / f"{name}.raw", name))


def test_no_plan_is_made_that_could_not_end_well(
    ended: tuple[Path, dict[str, Answer]],
) -> None:
    folder, answers = ended
    assert answers["asked"] == {
        "claim": "refused", "reasons": ["other_namespaces_left"], "step": "one_namespace",
    }  # fmt: skip
    assert _whole(folder, "asked1") == _whole(folder, "asked2") == SECTORS


@pytest.mark.parametrize("name", ["format", "written"])
def test_a_plan_from_before_ends_without_a_claim(
    ended: tuple[Path, dict[str, Answer]], name: str
) -> None:
    folder, answers = ended
    answer = answers[name]
    assert _whole(folder, f"{name}2") == SECTORS, "QEMU's FORMAT reaches what is attached only"
    assert answer["claim"] == "failed", answer
    assert answer["reasons"][0] == "other_namespaces_left", answer
    assert answer["capabilities"]["holds"]["namespaces"] == 2, answer
