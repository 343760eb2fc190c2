"""Whether two looks saw one disk: yes, no, or cannot be known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.identity import Attachment, DiskIdentity, Doubt, Same, same

_HERE = Attachment(boot_id="boot", diskseq=7, port="/devices/pci0/usb1/1-2")
_AGAIN = Attachment(boot_id="boot", diskseq=9, port="/devices/pci0/usb1/1-2")
_WD = DiskIdentity(model="WDC WD5000AAKX-60U6AA0", serial="WD-WCC2E1", size_bytes=500)


def _but(**changed: object) -> DiskIdentity:
    fields = {name: getattr(_WD, name) for name in _WD.__struct_fields__}
    return DiskIdentity(**(fields | changed))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (_WD, _WD, Same.YES),
        (_WD, _but(serial="  wd-wcc2e1 "), Same.YES),
        (_WD, _but(model="WDC WD5000AAKX-6"), Same.YES),  # cut by the kernel
        (_WD, _but(size_bytes=600), Same.YES),  # its hidden area was lifted
        (_WD, _but(serial="WD-WCC2E2"), Same.NO),
        (_WD, _but(model="KINGSTON SA400"), Same.NO),  # makers repeat "0001"
        (_but(wwn="0x5001"), _but(wwn="naa.5001", serial=None), Same.YES),
        (_but(wwn="0x5001"), _but(wwn="0x5002"), Same.NO),  # a copied serial
        (_but(wwn="0x5001", serial=None), _WD, Same.UNKNOWN),
        # A dock's serial says nothing: one plugging-in does, another does not.
        (_but(doubt=Doubt.BRIDGE), _but(doubt=Doubt.BRIDGE), Same.UNKNOWN),
        (_but(doubt=Doubt.SHARED), _WD, Same.UNKNOWN),
        (
            _but(doubt=Doubt.BRIDGE, attachment=_HERE),
            _but(doubt=Doubt.BRIDGE, attachment=_HERE),
            Same.YES,
        ),
        (
            _but(doubt=Doubt.BRIDGE, attachment=_HERE),
            _but(doubt=Doubt.BRIDGE, attachment=_AGAIN),
            Same.UNKNOWN,
        ),
        (_but(doubt=Doubt.BRIDGE), _but(doubt=Doubt.BRIDGE, size_bytes=600), Same.NO),
        (_but(doubt=Doubt.BRIDGE), _but(doubt=Doubt.BRIDGE, model="KINGSTON SA400"), Same.NO),
        (
            DiskIdentity(attachment=Attachment(inode="1:2")),
            DiskIdentity(attachment=Attachment(inode="1:3")),
            Same.NO,
        ),
        (DiskIdentity(), DiskIdentity(), Same.UNKNOWN),
    ],
)
def test_same_disk(one: DiskIdentity, other: DiskIdentity, wanted: Same) -> None:
    assert same(one, other) is wanted
    assert same(other, one) is wanted


_TEXTS = st.none() | st.sampled_from(["", " ", "A1", "a1 ", "0000", "B2", "0x0", "naa.a1"])
_ANY = st.builds(
    DiskIdentity,
    model=st.none() | st.sampled_from(["", "WDC WD10", "WDC WD10EZEX", "KINGSTON"]),
    serial=_TEXTS,
    wwn=_TEXTS,
    size_bytes=st.none() | st.integers(0, 2),
    attachment=st.builds(
        Attachment,
        boot_id=st.none() | st.sampled_from(["x", "y"]),
        diskseq=st.none() | st.integers(1, 2),
        inode=st.none() | st.sampled_from(["1:1", "1:2"]),
    ),
    doubt=st.none() | st.sampled_from(Doubt),
)


@given(_ANY, _ANY)
def test_the_answer_does_not_depend_on_who_is_asked_first(
    one: DiskIdentity, other: DiskIdentity
) -> None:
    assert same(one, other) is same(other, one)


@given(_ANY)
def test_a_disk_is_never_another_than_itself(one: DiskIdentity) -> None:
    assert same(one, one) is not Same.NO


@given(_ANY, _ANY)
def test_a_doubted_number_alone_is_never_an_identity(
    one: DiskIdentity, other: DiskIdentity
) -> None:
    if one.doubt is not None and same(one, other) is Same.YES:
        assert one.attachment.token == other.attachment.token != ""
