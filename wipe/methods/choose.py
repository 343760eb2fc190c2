"""Which eraser does a technique on a target."""

from __future__ import annotations

from diagnostics.command import Runner
from wipe.methods import ata, mmc, nvme, opal, scsi
from wipe.methods.firmware import Eraser
from wipe.model.capabilities import Capabilities, Security
from wipe.model.spec import JobSpec, Method, Target, Technique


def eraser_for(
    runner: Runner, spec: JobSpec, target: Target, technique: Technique, can: Capabilities
) -> Eraser | None:
    """The eraser, or `None` when the drive can no longer be asked."""
    method, path, size = technique.method, target.path, target.size_bytes
    if method.startswith("ata_sanitize"):
        return ata.Sanitize(runner, path, method, size)
    if method in (Method.ATA_SECURITY, Method.ATA_SECURITY_ENHANCED):
        return ata.SecurityErase(runner, path, method, can.security or Security())
    if method.startswith("nvme"):
        device = nvme.controller_of(runner, path)
        if device is None:
            return None
        if method.startswith("nvme_sanitize"):
            return nvme.Sanitize(runner, device, method, size)
        return nvme.Format(runner, device, method)
    if method is Method.SCSI_FORMAT:
        return scsi.Format(runner, path, size)
    if method.startswith("scsi_sanitize"):
        return scsi.Sanitize(runner, path, method, size)
    if method in (Method.MMC_SANITIZE, Method.MMC_SECURE_DISCARD):
        return mmc.Erase(runner, path, method)
    if method is Method.OPAL_PSID:
        return opal.Revert(runner, path, spec.options.psid)
    return None
