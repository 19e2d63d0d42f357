"""How often a password or a code may be tried, a letter asked for, a passkey shown. Counted over all processes.

An account that does not exist is counted as one that does, so the limits tell nobody which there are.
"""

from collections.abc import Sequence
from typing import Final

from portal.errors import TooMany
from portal.provider import known_browsers
from portal.provider.addresses import folded
from portal.provider.models import Person
from portal.provider.places import place, wide_place
from portal.web import limits
from portal.web.languages import gettext as _

MINUTE: Final = 60
FIVE_MINUTES: Final = 300
HOUR: Final = 3600
DAY: Final = 86400
CODES: Final = ((5, FIVE_MINUTES), (20, HOUR))
"""Five, then a wait."""
CODES_A_DAY: Final = 50
"""So few that none is ever guessed."""
BY_PASSWORD: Final = 5
"""Beyond these, for each new password: its owner can get in although a thief has used the day's up."""
BEYOND: Final = 15
"""And so many of those a day, however many passwords there were: whoever reads the mailbox can choose new ones."""
TOLD_AFTER: Final = 5
STRANGERS: Final = 100
"""Passwords a day that are looked at for one account, from browsers that are new to it."""
SHARE: Final = 5
"""How many of them one place can use up: to keep an owner out of new browsers takes twenty places."""
ONE_PLACE: Final = 30
"""Passwords a day for one account from one place."""


def count_password(email: str) -> Sequence[str]:
    """Count a password before it is looked at. Returns what `forget` takes when it was right. Raises TooMany.

    By account and place together, so that nobody can keep a neighbour signed out by guessing wrong; by the account
    alone only so far that guesses from many places lead nowhere, and one place can add only a few to that; and by the
    place. A browser that the owner has used
    before is counted by itself alone, whatever strangers do.
    """
    name = known_browsers.name_for(email)
    if name is not None:
        own = f"provider password {folded(email)} in {name}"
        limits.hit(own, limit=10, seconds=FIVE_MINUTES)
        return [own]
    _count_place("password", limit=20, wide=60, seconds=MINUTE)
    here = f"provider password {folded(email)} {place()}"
    limits.hit(here, limit=10, seconds=FIVE_MINUTES)
    if _is_over_for_today(email):
        raise TooMany(_("Too many wrong passwords were entered today. Choose a new one by email to get in."), HOUR)
    # Many guess at once: nobody is shut out for it, but every place may try less.
    if _is_over("provider password everywhere", limit=3000, seconds=FIVE_MINUTES):
        limits.hit(f"provider password when busy {wide_place()}", limit=3, seconds=FIVE_MINUTES)
    return [here, _from_here(email)]


def forget(counted: Sequence[str]) -> None:
    """After a right password, the wrong ones before it no longer count."""
    for each in counted:
        limits.forget(each)


def password_is_new(person: Person) -> None:
    """Chosen by mail in this browser: what strangers have tried no longer counts against the password.

    The codes of the day still do, but for a few: to read somebody's mail must not be enough to guess their codes.
    """
    limits.forget(_by_strangers(person.email))
    limits.forget(_from_here(person.email))
    limits.hit(_chosen(person), limit=1, seconds=DAY)
    for _limit, seconds in CODES:
        limits.forget(_codes(person, seconds))
    known_browsers.remember(person.email, second_step=False)


def count_passkey() -> None:
    """Count the answer of a passkey. It names an account only once it is right, so the place is all there is."""
    _count_place("passkey", limit=20, wide=60, seconds=MINUTE)


def count_letter(email: str) -> None:
    """Letters to one address, from one place and in all are limited, so that nobody is buried in them."""
    _count_place("mail", limit=20, wide=60, seconds=MINUTE)
    _count_place("mail by the hour", limit=60, wide=180, seconds=HOUR)
    limits.hit(f"provider mail {folded(email)}", limit=5, seconds=HOUR)
    if _is_over("provider mail everywhere", limit=2000, seconds=HOUR):
        limits.hit(f"provider mail when busy {wide_place()}", limit=2, seconds=HOUR)


def count_code(person: Person) -> None:
    """Count the second proof that is tried. Raises TooMany.

    Who comes here has given the first, which may be stolen: so a browser in which the owner has given both before is
    counted by itself, and keeps its tries whatever a thief does.
    """
    name = known_browsers.name_for(person.email, second_step=True)
    for limit, seconds in CODES:
        limits.hit(_codes(person, seconds, name), limit=limit, seconds=seconds)
    try:
        limits.hit(_codes(person, DAY, name), limit=CODES_A_DAY, seconds=DAY)
    except TooMany:
        if not _has_new_password(person):
            raise
        limits.hit(_by_password(person), limit=BY_PASSWORD, seconds=DAY)
        limits.hit(_beyond(person), limit=BEYOND, seconds=DAY)


def code_was_right(person: Person) -> None:
    """The wrong ones no longer count; those tried in other browsers still do, where this one is known."""
    name = known_browsers.name_for(person.email, second_step=True)
    for seconds in (FIVE_MINUTES, HOUR, DAY):
        limits.forget(_codes(person, seconds, name))
    limits.forget(_by_password(person))
    limits.forget(_beyond(person))


def owner_should_hear(person: Person) -> bool:
    """Whether to write of wrong codes: after some in browsers that are new to the account, once a day."""
    if known_browsers.name_for(person.email, second_step=True) is not None:
        return False
    often = _is_over(f"provider wrong codes {person.id}", limit=TOLD_AFTER - 1, seconds=DAY)
    return often and not _is_over(f"provider wrong codes told {person.id}", limit=1, seconds=DAY)


def _count_place(what: str, *, limit: int, wide: int, seconds: int) -> None:
    """By household, and by customer where one may have many networks."""
    near, far = place(), wide_place()
    limits.hit(f"provider {what} from {near}", limit=limit, seconds=seconds)
    if far != near:
        limits.hit(f"provider {what} from {far}", limit=wide, seconds=seconds)


def _is_over(key: str, *, limit: int, seconds: int) -> bool:
    """Count one, and whether that is too many."""
    try:
        limits.hit(key, limit=limit, seconds=seconds)
    except TooMany:
        return True
    return False


def _is_over_for_today(email: str) -> bool:
    """Count one from this place, and towards the account's own count as long as this place has a share left in it."""
    try:
        if limits.hit(_from_here(email), limit=ONE_PLACE, seconds=DAY) <= SHARE:
            limits.hit(_by_strangers(email), limit=STRANGERS, seconds=DAY)
        else:
            limits.look(_by_strangers(email), limit=STRANGERS)
    except TooMany:
        return True
    return False


def _from_here(email: str) -> str:
    return f"provider password {folded(email)} by day {wide_place()}"


def _by_strangers(email: str) -> str:
    return f"provider password {folded(email)}"


def _codes(person: Person, seconds: int, name: str | None = None) -> str:
    return f"provider second step {seconds} {person.id}" + (f" in {name}" if name else "")


def _has_new_password(person: Person) -> bool:
    """Whether the password was chosen by mail today."""
    try:
        limits.look(_chosen(person), limit=1)
    except TooMany:
        return True
    return False


def _chosen(person: Person) -> str:
    return f"provider password chosen by mail {person.id} {person.password_hash}"


def _by_password(person: Person) -> str:
    return f"provider second step with this password {person.id} {person.password_hash}"


def _beyond(person: Person) -> str:
    return f"provider second step beyond the day's {person.id}"
