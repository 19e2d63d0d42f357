"""The desk's own menu."""

from flask import Flask

from portal.staff.gate import PREFIX
from portal.web.languages import Lazy
from portal.web.state import MenuItem, web_state


def offer_desk(app: Flask, title: str | Lazy, endpoint: str, *, by_post: bool = False) -> None:
    """Add an entry after those that are there. It is shown to who has the right that the view is marked with."""
    realm = next(each for each in web_state(app).realms if each.prefix == PREFIX)
    realm.menu.append(MenuItem(title, endpoint, True, by_post))
