"""Asks a drive what it can do. Reads only; nothing here changes a drive."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from diagnostics.command import Runner
from diagnostics.model import DiskKind
from wipe.job.rescue import passwords
from wipe.methods import ata, hidden, mmc, nvme, nvme_holds, opal, scsi
from wipe.model.capabilities import Capabilities, Holds
from wipe.model.spec import Target, TargetKind
from wipe.seen.raid import behind_raid

_SATA = (DiskKind.HDD, DiskKind.SSD)


def read_capabilities(runner: Runner, target: Target, jobs: Path | None = None) -> Capabilities:
    """Erase features of a target, by its kind. Never raises; nothing is asked over USB.

    `jobs`: the folder of journals, where the password of a drive we left locked is.
    Many bridges answer an ATA pass-through wrongly, and some hang on it [A1], and no method
    but overwriting may be used through them.
    """
    if target.kind is TargetKind.IMAGE or target.usb_bridge or target.transport == "usb":
        return Capabilities()
    if behind_raid(runner, target.path):
        return Capabilities(behind_raid=True)
    if target.disk_kind in _SATA:
        return _ata(runner, target, jobs)
    if target.disk_kind is DiskKind.NVME:
        return _nvme(runner, target)
    if target.disk_kind in (DiskKind.SAS_HDD, DiskKind.SAS_SSD):
        return _scsi(runner, target)
    if target.disk_kind is DiskKind.EMMC:
        return mmc.read_features(runner, target.path)
    return Capabilities()


def _missing(runner: Runner, *tools: str) -> tuple[str, ...]:
    return tuple(tool for tool in tools if not runner.has(tool))


def _ata(runner: Runner, target: Target, jobs: Path | None) -> Capabilities:
    missing = _missing(runner, "hdparm")
    if missing:
        return Capabilities(tools_missing=missing)
    done = runner.run(["hdparm", "--Istdout", target.path], timeout_s=60)
    words = ata.parse_identify(done.text)
    if words is None:
        return Capabilities()
    features = ata.sanitize_features(words)
    state_text = None
    if features:
        state_text = runner.run(["hdparm", "--sanitize-status", target.path], timeout_s=60)
    security = ata.security_features(words)
    enabled = security is not None and security.enabled
    return Capabilities(
        read=True,
        sanitize=features,
        sanitize_frozen=state_text is not None and "SD1" in state_text.text,
        sanitize_running=state_text is not None and "SD2" in state_text.text,
        security=security,
        password_known=enabled and jobs is not None and bool(passwords(jobs, target)),
        hidden=hidden.identify(runner, target.path, words),
        opal_psid=opal.supported(runner, target.path),
    )


def _nvme(runner: Runner, target: Target) -> Capabilities:
    missing = _missing(runner, "nvme")
    device = nvme.controller_of(runner, target.path)
    shown = _namespaces(runner, target.path)
    raw = b"" if missing or device is None else nvme.identify(runner, device)
    found = nvme.parse_controller(raw)
    if found is None or device is None:
        seen = Holds(namespaces=shown if shown > 1 else None)
        return Capabilities(tools_missing=missing, namespaces=shown, holds=seen)
    holds = nvme_holds.count(runner, device, raw, shown)
    alone = shown == 1
    return Capabilities(
        read=True,
        # SANITIZE and FORMAT reach every namespace: with more than one, the guard's answer for
        # this one says nothing of what the others hold. One that no controller is attached to
        # is in use by nobody.
        sanitize=found.sanitize if alone and not holds.elsewhere else (),
        format_crypto=found.format_crypto and alone,
        format_user=found.format and alone,
        namespaces=shown,
        holds=holds,
    )


def _namespaces(runner: Runner, path: str) -> int:
    """Namespaces the kernel shows of this controller."""
    head = PurePosixPath(path).name.partition("n")[2].partition("n")[0]
    prefix = "n" + head + "n"
    names = runner.names("/sys/class/block") or ()
    return sum(name.startswith(prefix) and name[len(prefix) :].isdigit() for name in names)


def _scsi(runner: Runner, target: Target) -> Capabilities:
    missing = _missing(runner, "sg_sanitize", "sg_opcodes", "sg_requests")
    if missing:
        return Capabilities(tools_missing=missing)
    found = tuple(
        name for name, action in scsi.ACTIONS.items() if scsi.supported(runner, target.path, action)
    )
    return Capabilities(
        # 0 ready, 2 not ready (busy erasing), 6 unit attention (sg3_utils(8)): it answered.
        read=runner.run(["sg_turs", target.path], timeout_s=30).exit_code in (0, 2, 6),
        sanitize=found,
        format_unit=scsi.supported(runner, target.path, "0x4"),
        holds=Holds(withheld_sectors=scsi.withheld(runner, target)),
    )
