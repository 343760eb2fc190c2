"""The roles of people at the hub, and what each is for."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What an account may do. `NOBODY` is whoever has not signed in."""

    NOBODY = "nobody"
    COORDINATION = "coordination"  # the region: everything
    SUPERVISOR = "supervisor"  # of one member workshop: its own rows, and the shared stock
    PRESCRIBER = "prescriber"  # its own requests
    DONOR = "donor"  # its own lots
    AUDITOR = "auditor"  # reads everything, changes nothing


ACCOUNTS = tuple(role for role in Role if role is not Role.NOBODY)  # those an account may have
SEE_ALL = frozenset((Role.COORDINATION, Role.AUDITOR))  # others see only what is their own
