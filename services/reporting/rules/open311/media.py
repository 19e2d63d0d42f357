"""Photos that a program sends with a report or an update: as files of a multipart form, as addresses, or both."""

import re
from typing import Final
from urllib.parse import urlsplit

from services.reporting.rules.open311.asking import Arguments

MOST_PHOTOS: Final = 5
"""Files and addresses together."""
LONGEST_ADDRESS: Final = 2000
LONGEST_LABEL: Final = 63
"""Of a host's name, between two dots."""
_ONE = re.compile(r"https?://(?:(?!,https?://)\S)+")


def addresses_in(given: Arguments) -> tuple[str, ...]:
    """The addresses of photos, each once."""
    return tuple(dict.fromkeys(each.strip() for each in given.get("media_url", ()) if each.strip()))


def _is_address(written: str) -> bool:
    """Whether a photo could be there: one address of the web, with a host that names can have."""
    if len(written) > LONGEST_ADDRESS or not _ONE.fullmatch(written):
        return False
    try:
        host = urlsplit(written).hostname or ""
    except ValueError:
        return False
    return bool(host) and all(len(label) <= LONGEST_LABEL for label in host.split("."))


def media_faults(given: Arguments, files: int) -> list[str]:
    """What is wrong with them, so many files having come."""
    addresses, faults = addresses_in(given), []
    if len(addresses) + files > MOST_PHOTOS or not all(map(_is_address, addresses)):
        faults.append(f"media_url is the address of a photo, and with files there are at most {MOST_PHOTOS} photos")
    if any(value.strip() for value in given.get("media", ())):
        faults.append("media is a file of a multipart form; an address is sent as media_url")
    return faults
