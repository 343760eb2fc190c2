"""Who the machine says it is, from `/sys/class/dmi/id` (under 20 ms, most of it without root)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from diagnostics.command import Problem, Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Firmware, Identity
from diagnostics.sources.chassis import WORDS, chassis_word, kind_of
from diagnostics.sources.placeholders import Field, clean

FOLDER = "/sys/class/dmi/id"
FILES = (
    *("sys_vendor", "product_name", "product_version", "product_serial", "product_uuid"),
    *("product_sku", "product_family", "board_vendor", "board_name", "board_serial"),
    *("chassis_type", "chassis_serial", "chassis_asset_tag", "chassis_vendor", "board_asset_tag"),
    *("bios_vendor", "bios_version", "bios_date"),
)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_POINTS = {
    "sys_vendor": "identity.maker",
    "product_name": "identity.model",
    "product_serial": "identity.serial",
    "product_uuid": "identity.uuid",
    "board_serial": "identity.board_serial",
    "chassis_serial": "identity.chassis_serial",
    "chassis_asset_tag": "identity.asset_tag",
    "bios_version": "firmware.version",
}


def read(runner: Runner) -> Findings:
    """Identity and firmware, with the reason for each point that is not known."""
    texts: dict[str, str] = {}
    why: dict[str, str] = {}
    present = runner.names(FOLDER) is not None
    for name in FILES:
        content = runner.read(f"{FOLDER}/{name}") if present else None
        if content is not None and content.text is not None:
            texts[name] = content.text
        elif name in _POINTS:
            problem = content.problem if content is not None else Problem.MISSING
            why[_POINTS[name]] = reason(problem)
    identity, firmware = parse(texts)
    for name, point in _POINTS.items():
        section, field = point.split(".")
        value = getattr(identity if section == "identity" else firmware, field)
        if value is None and point not in why:
            why[point] = "placeholder" if texts.get(name) else "not_reported"
    return Findings(identity=identity, firmware=firmware, unknown=why)


def parse(texts: Mapping[str, str]) -> tuple[Identity, Firmware]:
    """Identity and firmware from the texts of the sysfs files, by file name."""
    code = texts.get("chassis_type", "").strip()
    word = WORDS.get(int(code)) if code.isdecimal() and len(code) < 4 else None
    chassis = chassis_word(word)
    identity = settle(
        maker=texts.get("sys_vendor"),
        product=texts.get("product_name"),
        version=texts.get("product_version"),
        board_maker=texts.get("board_vendor"),
        board_model=texts.get("board_name"),
        chassis=chassis,
        serial=texts.get("product_serial"),
        uuid=texts.get("product_uuid"),
        board_serial=texts.get("board_serial"),
        chassis_serial=texts.get("chassis_serial"),
        asset_tag=texts.get("chassis_asset_tag"),
        family=texts.get("product_family"),
        sku=texts.get("product_sku"),
    )
    firmware = Firmware(
        vendor=clean(texts.get("bios_vendor"), Field.OTHER),
        version=clean(texts.get("bios_version"), Field.OTHER),
        date=iso_date(texts.get("bios_date")),
    )
    return identity, firmware


def settle(
    *,
    maker: str | None,
    product: str | None,
    version: str | None,
    board_maker: str | None,
    board_model: str | None,
    chassis: str | None,
    serial: str | None,
    uuid: str | None,
    board_serial: str | None,
    chassis_serial: str | None,
    asset_tag: str | None,
    family: str | None,
    sku: str | None,
) -> Identity:
    """One identity from raw SMBIOS texts: placeholders refused, board standing in for system."""
    board_maker, board_model = (
        clean(board_maker, Field.MAKER),
        clean(board_model, Field.BOARD_MODEL),
    )
    own_maker = clean(maker, Field.MAKER)
    own_model = _besides_maker(clean(product, Field.MODEL), own_maker)
    lid = _besides_maker(clean(version, Field.MODEL), own_maker)
    model, code = _lid_name(own_maker, own_model, lid)
    source = "system" if model else ("board" if board_model else None)
    return Identity(
        maker=own_maker or board_maker,
        model=model or board_model,
        model_source=source,
        product_code=code,
        serial=clean(serial, Field.SERIAL),
        uuid=_uuid(uuid),
        board_maker=board_maker,
        board_model=board_model,
        board_serial=clean(board_serial, Field.SERIAL),
        chassis_serial=clean(chassis_serial, Field.SERIAL),
        asset_tag=clean(asset_tag, Field.SERIAL),
        chassis=chassis,
        kind=kind_of(chassis, own_maker, own_model),
        family=_besides_maker(clean(family, Field.OTHER), own_maker),
        sku=clean(sku, Field.PART),
    )


def _besides_maker(text: str | None, maker: str | None) -> str | None:
    """The text, unless it only says the maker's name again ("Lenovo" for an IdeaCentre B320)."""
    whole = (maker or "").casefold()
    names = {whole, whole.partition(" ")[0].strip(",."), whole.partition("-")[0]}
    return None if text is not None and text.casefold() in names - {""} else text


def _lid_name(
    maker: str | None, product: str | None, version: str | None
) -> tuple[str | None, str | None]:
    """The name printed on the lid, and the maker's code where that is another text.

    Lenovo writes its machine type ("20L6S69X08") as product and the name people know
    ("ThinkPad T480") as version.
    """
    lenovo = maker is not None and maker.casefold() in {"lenovo", "ibm"}
    if lenovo and product and version and re.search(r"[A-Za-z]{3}", version):
        return version, product
    return product, None


def _uuid(text: str | None) -> str | None:
    found = clean(text, Field.UUID)
    return found.lower() if found else None


def iso_date(text: str | None) -> str | None:
    """SMBIOS dates are MM/DD/YYYY or MM/DD/YY; others are kept as printed."""
    tidy = clean(text, Field.OTHER)
    found = _DATE.fullmatch(tidy) if tidy else None
    if found is None:
        return tidy
    month, day, year = int(found[1]), int(found[2]), int(found[3])
    if year < 100:
        year += 2000 if year < 70 else 1900
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1980 <= year <= 2100):
        return None
    return f"{year:04d}-{month:02d}-{day:02d}"
