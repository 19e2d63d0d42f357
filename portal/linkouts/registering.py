"""What an operator does: register an application, give it a token, take it off."""

import re
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import Refused
from portal.identity.secret_values import kept_as, new_secret
from portal.linkouts.models import LinkOutItemRow, LinkOutPersonRow, LinkOutRow
from portal.linkouts.queries import find_link_out
from portal.linkouts.values import SCOPES, LinkOut

SLUG: Final = re.compile(r"[a-z][a-z0-9_-]{1,29}")
LONGEST: Final = {"title": 60, "title_cy": 60, "summary": 200, "summary_cy": 200, "url": 300, "client_id": 100}
PREFIX: Final = "moothall_link_out_"
"""Of every token: who searches a leaked file for secrets finds it by that."""


def register(said: LinkOut, *, actor: str, loopback: bool) -> str | None:
    """Register an application, or change the one of that slug, whose token stays. The token when one was made.

    `loopback`: whether the portal is reached from this machine alone, so that `http` at localhost will do.
    Another origin takes away what was sent before: its links would lead there. Raises Refused.
    """
    check(said, loopback=loopback)
    before, now = find_link_out(said.slug), clock.now()
    values = {name: getattr(said, name) for name in said.__dataclass_fields__} | {"scopes": sorted(said.scopes)}
    if before is not None:
        session().execute(update(LinkOutRow).where(LinkOutRow.slug == said.slug).values(values))
        if before.origin != said.origin:
            _take_items(said.slug)
        record("link_out.changed", actor=actor, subject=f"link-out:{said.slug}")
        return None
    token = PREFIX + new_secret()
    session().execute(insert(LinkOutRow).values(**values, token_hash=kept_as(token), token_made_at=now, added_at=now))
    record("link_out.added", actor=actor, subject=f"link-out:{said.slug}")
    return token


def rotate(slug: str, *, actor: str) -> str:
    """A new token; the old one counts no longer, at once. Raises Refused when there is no such application."""
    token = PREFIX + new_secret()
    changed = (
        update(LinkOutRow).where(LinkOutRow.slug == slug).values(token_hash=kept_as(token), token_made_at=clock.now())
    )
    if session().scalar(changed.returning(LinkOutRow.slug)) is None:
        raise _unknown(slug)
    record("link_out.token_changed", actor=actor, subject=f"link-out:{slug}")
    return token


def remove(slug: str, *, actor: str) -> None:
    """Take an application off, with all that it sent and whom it knew. Raises Refused when there is none."""
    gone = delete(LinkOutRow).where(LinkOutRow.slug == slug).returning(LinkOutRow.slug)
    if session().scalar(gone) is None:
        raise _unknown(slug)
    record("link_out.removed", actor=actor, subject=f"link-out:{slug}")


def check(said: LinkOut, *, loopback: bool) -> None:
    """Raises Refused with what is wrong."""
    if SLUG.fullmatch(said.slug) is None:
        raise Refused("A slug is 2 to 30 small letters, digits, dashes and underscores, and begins with a letter.")
    for name, longest in LONGEST.items():
        text = getattr(said, name)
        if len(text) > longest or not text.isprintable():
            raise Refused(f"The {name} may have {longest} characters, all of them printable.")
    if not (said.title and said.summary and said.client_id):
        raise Refused("Title, summary and client id are needed.")
    if unknown := set(said.scopes) - set(SCOPES):
        raise Refused(f"Unknown scopes: {', '.join(sorted(unknown))}. There are: {', '.join(SCOPES)}.")
    if not _is_address(said.url, loopback=loopback):
        raise Refused("The address must be https://…, plain ASCII, without a name and password in it.")


def _is_address(url: str, *, loopback: bool) -> bool:
    if not url.isascii() or any(sign in url for sign in " \\<>\"'"):
        return False
    try:
        parts = urlsplit(url)
        name, _port = parts.hostname, parts.port
    except ValueError:
        return False
    local = loopback and name in ("localhost", "127.0.0.1")
    return bool(name) and "@" not in parts.netloc and parts.scheme in (("https", "http") if local else ("https",))


def _take_items(slug: str) -> None:
    people = select(LinkOutPersonRow.id).where(LinkOutPersonRow.slug == slug)
    session().execute(delete(LinkOutItemRow).where(LinkOutItemRow.person_id.in_(people)))


def _unknown(slug: str) -> Refused:
    return Refused(f"There is no link-out called {slug}. `moothall link-out list` shows those there are.")
