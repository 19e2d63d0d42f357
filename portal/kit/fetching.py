"""Fetch a file from an address that somebody else has given us."""

from typing import Final

import requests

from portal import outbound
from portal.db.session import release
from portal.errors import Refused, Unavailable
from portal.web.state import web_state

MAY_PASS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


def fetch_file(url: str, *, most_bytes: int) -> bytes:
    """What is at that address, which leads to nothing within our own network and follows no redirect.

    For jobs: it may take 20 seconds, and nothing may have been written before it. Raises Unavailable when another try
    makes sense, Refused when none does.
    """
    release()
    client = outbound.client(allow_loopback=web_state().settings.is_loopback)
    try:
        with outbound.reading_up_to(most_bytes):
            answer = client.get(url)
    except requests.exceptions.ContentDecodingError:
        raise Refused("The file is too large.") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
        raise Refused("This is no address of a file.") from None
    except requests.RequestException:
        raise Unavailable("The file cannot be reached.") from None
    if answer.status_code in MAY_PASS:
        raise Unavailable("The file cannot be reached.")
    if answer.status_code != 200:
        raise Refused("There is no file at this address.")
    return answer.content
