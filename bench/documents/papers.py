"""Every kind of signed paper: what its content must be, and the one check of a whole file."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from bench.documents import donor_pack, handover, machine_sheet, reuse_attestation, signed
from bench.documents.attestation import Attestation
from bench.documents.signed import PaperFinding, Verification
from bench.exchange.signers import Answer, Signers
from diagnostics.learn import learn

MODELS: dict[str, type[msgspec.Struct]] = {
    signed.ATTESTATION: Attestation,
    machine_sheet.KIND: machine_sheet.MachineSheet,
    handover.KIND: handover.Handover,
    donor_pack.KIND: donor_pack.DonorPack,
    reuse_attestation.KIND: reuse_attestation.ReuseAttestation,
}
# RFC 3339, as papers have always had it: what else Python reads as a time, other readers do not.
ISSUED_AT = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?"
    "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)


def verify_paper(data: bytes, signers: Signers) -> Verification:
    """Check a signed file: its bytes, its signer, and that it says what such a paper says.

    Never raises: a good signature may stand under any nonsense.
    """
    answer = signed.verify(
        data,
        trusted=signers.trusted,
        revoked=signers.revoked,
        on_record=signers.on_record,
        workshops=signers.workshops,
    )
    if answer.payload is None:
        return answer
    code = _odd(answer)
    if not code:
        return answer
    return msgspec.structs.replace(
        answer,
        answer=Answer.BAD,
        findings=(*answer.findings, PaperFinding(code, answer.kind[:40])),
        payload=None,
    )


def _odd(answer: Verification) -> str:
    model = MODELS.get(answer.kind)
    if model is None:
        return "kind_unknown"
    try:
        msgspec.convert(answer.payload, model)
        if not re.fullmatch(ISSUED_AT, answer.issued_at):
            return "content_unreadable"
        dt.datetime.fromisoformat(answer.issued_at)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return "content_unreadable"
    return ""


learn(*MODELS.values())
