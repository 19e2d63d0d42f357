"""What a new service is called: its slug from its title, and whether both can be used."""

import re
import unicodedata
from collections.abc import Collection
from keyword import iskeyword
from typing import Final

from portal.errors import SetupError
from portal.kit.checks import LONGEST_SLUG, RESERVED, SLUG

LONGEST_TITLE: Final = 60
TITLE: Final = re.compile(r"[^\W_](?:[^\W_]|[ ,’&()-])*")
"""Words with what stands between words: nothing that Python, HTML or a catalogue would take for its own."""
FILES: Final = frozenset({"models", "views", "service", "settings"})
"""Names of a service's own files, by which `portal.kit` knows where its package ends."""


def slug_for(title: str, taken: Collection[str]) -> str:
    """The slug of a service with that title: `Garden waste` is `garden_waste`.

    Raises SetupError, with a sentence on what to do, when it gives none or one that cannot be used; `taken` are those
    of the services that there are.
    """
    check_title(title)
    slug = _slug(title)
    if not SLUG.fullmatch(slug):
        raise SetupError(f"“{title}” gives no slug: begin with a letter of the English alphabet.")
    if len(slug) > LONGEST_SLUG:
        raise SetupError(f"“{title}” gives a slug of {len(slug)} characters; {LONGEST_SLUG} is the most. Shorten it.")
    if slug in RESERVED | FILES or slug.startswith("pg_") or iskeyword(slug):
        raise SetupError(
            f"A service cannot be called `{slug}`, which has another meaning already. Choose another title."
        )
    if slug in taken:
        raise SetupError(f"There is a service called `{slug}` already. Choose another title.")
    return slug


def tidy(title: str) -> str:
    """The title as it is shown: an apostrophe is a quotation mark, and words are one space apart."""
    return " ".join(title.replace("'", "’").split())


def check_title(title: str) -> None:
    """Raises SetupError for a title, in whichever language, that pages cannot show."""
    if len(title) > LONGEST_TITLE:
        raise SetupError(f"A title has {LONGEST_TITLE} characters at most. Shorten it.")
    if not TITLE.fullmatch(title):
        raise SetupError(f"“{title}” cannot be a title: use words, with a comma, hyphen, apostrophe or & between them.")


def _slug(title: str) -> str:
    """Letters without accents and digits, words joined by one underscore."""
    plain = unicodedata.normalize("NFKD", title.replace("’", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
