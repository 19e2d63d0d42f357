"""Photos that a program sends with a report or an update: as files of a multipart form, as addresses, or both."""

from typing import Final

from services.reporting.rules.open311.asking import Arguments

MOST_PHOTOS: Final = 5
"""Files and addresses together."""


def addresses_in(given: Arguments) -> tuple[str, ...]:
    """The addresses of photos, each once."""
    return tuple(dict.fromkeys(each.strip() for each in given.get("media_url", ()) if each.strip()))


def media_faults(given: Arguments, files: int) -> list[str]:
    """What is wrong with them, so many files having come."""
    addresses, faults = addresses_in(given), []
    if len(addresses) + files > MOST_PHOTOS or any(not each.startswith(("https://", "http://")) for each in addresses):
        faults.append(f"media_url is the address of a photo, and with files there are at most {MOST_PHOTOS} photos")
    if any(value.strip() for value in given.get("media", ())):
        faults.append("media is a file of a multipart form; an address is sent as media_url")
    return faults
