"""What a machine is called: its maker and model as one name. Pure."""

from __future__ import annotations


def machine_name(maker: str | None, model: str | None) -> str:
    """Maker and model, the maker once: HP writes « HP » and « HP EliteDesk 800 »."""
    first, rest = (maker or "").strip(), (model or "").strip()
    if rest.casefold() == first.casefold() or rest.casefold().startswith(f"{first.casefold()} "):
        return rest
    return f"{first} {rest}".strip()
