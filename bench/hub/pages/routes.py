"""Every page of the hub. A new page: a module with `PAGES`, named here; a template; its words."""

from __future__ import annotations

from bench.hub.pages import (
    account,
    assets,
    benches,
    deposit,
    home,
    lots,
    mail,
    map,
    members,
    monitoring,
    open_data,
    packs,
    photos,
    report,
    requests,
    signin,
    stock,
    transfers,
    verify,
)
from bench.hub.pages.page import Page

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *stock.PAGES,
    *photos.PAGES,
    *map.PAGES,
    *requests.PAGES,
    *transfers.PAGES,
    *lots.PAGES,
    *members.PAGES,
    *benches.PAGES,
    *packs.PAGES,
    *report.PAGES,
    *open_data.PAGES,
    *deposit.PAGES,
    *verify.PAGES,
    *account.PAGES,
    *mail.PAGES,
    *signin.PAGES,
    *assets.PAGES,
    *monitoring.PAGES,
)
