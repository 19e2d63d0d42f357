"""Where to go after signing in: a path of our own and nothing else. Pure.

A browser reads more into an address than a server does: `//host`, `/\\host`, a tab in the middle. So a path is taken
only when it is plain in every layer of percent-encoding; anything odd means the front page.
"""

import unicodedata
from typing import Final
from urllib.parse import quote, unquote, urlsplit

FRONT: Final = "/"
LONGEST: Final = 2000
LAYERS: Final = 4
WRITTEN_IN_QUERIES: Final = "%/?!$&'()*+,;=:@~"
NEVER: Final = ("/sign-in", "/sign-out", "/signed-out", "/auth/")
"""Going back to these would go round in a circle."""


def safe_next(wanted: str | None) -> str:
    """The path with its query when it is ours, else the front page."""
    return wanted if wanted and _is_ours(wanted) else FRONT


def written(path: str, query: bytes) -> str:
    """A path as the server has decoded it and the query as it came, in the way a browser would write the address.

    Undecoded, `/a%3Fb` and `/a?b` would be one page.
    """
    address = quote(path, safe="/!$&'()*+,;=:@~", errors="replace")
    return f"{address}?{quote(query, safe=WRITTEN_IN_QUERIES)}" if query else address


def _is_ours(wanted: str) -> bool:
    if len(wanted) > LONGEST:
        return False
    layer = wanted
    for _ in range(LAYERS):
        if not _is_plain(layer):
            return False
        decoded = unquote(layer, errors="replace")
        if decoded == layer:
            return not any(layer == each or layer.startswith((f"{each}?", each.rstrip("/") + "/")) for each in NEVER)
        layer = decoded
    return False  # wrapped so deep that somebody means to hide something


def _is_plain(layer: str) -> bool:
    if not layer.startswith("/") or "\\" in layer or "\ufffd" in layer:
        return False
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in layer):
        return False
    path = layer.partition("?")[0].partition("#")[0]
    if "//" in path or any(part in (".", "..") for part in path.split("/")):
        return False
    try:
        parts = urlsplit(layer)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
