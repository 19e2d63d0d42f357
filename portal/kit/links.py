"""The part of an address that only a letter of ours bears: proof that whoever opens it got the letter."""

from hashlib import sha256
from typing import Final
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from portal.web.state import web_state

LONGEST: Final = 200


def letter_token(purpose: str, thing: UUID) -> str:
    """The token that stands for this thing in letters: the same in each, so that every letter's link works.

    It lasts as long as the thing: look that up, and take the row away to end the link. `purpose` is such as
    `reporting.alert`: a token for one purpose means nothing for another. It is signed, not kept. Mail is read by
    others and by programs, so a page behind it changes nothing by being opened.
    """
    return str(_signer(purpose).dumps(thing.hex))


def read_letter_token(purpose: str, token: str) -> UUID | None:
    """The thing that the token stands for; None for a token that we did not make, or not for this purpose."""
    if len(token) > LONGEST:
        return None
    try:
        return UUID(str(_signer(purpose).loads(token)))
    except (BadData, ValueError):
        return None


def public_address(path: str) -> str:
    """The whole address of a page of ours, for those who are told of it elsewhere than on our pages."""
    return f"{web_state().settings.public_url}{path}"


def _signer(purpose: str) -> URLSafeSerializer:
    settings = web_state().settings
    newest_last = [key.get_secret_value() for key in (*reversed(settings.previous_secret_keys), settings.secret_key)]
    return URLSafeSerializer(newest_last, salt=f"moothall.letter.{purpose}", signer_kwargs={"digest_method": sha256})
