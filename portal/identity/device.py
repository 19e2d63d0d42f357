"""Roughly what somebody signs in with, for their own list of sessions. Families only: no versions, no fingerprint."""

from typing import Final

BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def family(user_agent: str) -> str:
    """Such as `Firefox, Windows`; empty when nothing is known. The lists are in order: browsers claim others' names."""
    names = (next((name for sign, name in known if sign in user_agent), None) for known in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in names if name)
