"""The names of colleagues who wrote or changed something, which residents never read; and who cannot be reached."""

import uuid
from collections.abc import Iterable

from portal.accounts.values import Profile
from portal.notify.contact_problems import problems_of
from portal.staff.sessions import find_members
from portal.web.languages import gettext as _


def staff_id_in(actor: str) -> uuid.UUID | None:
    """The id in `staff:<id>`; None for any other actor."""
    kind, _colon, rest = actor.partition(":")
    try:
        return uuid.UUID(rest) if kind == "staff" else None
    except ValueError:
        return None


def names_of_staff(actors: Iterable[str]) -> dict[str, str]:
    """By actor: their names, in one query. What was written by no person says so."""
    every = set(actors)
    ids = {found for found in map(staff_id_in, every) if found is not None}
    names = {member.actor: member.name for member in find_members(ids).values()}
    return {actor: names.get(actor) or _nobody(actor) for actor in every}


def not_reached_by(profile: Profile) -> frozenset[str]:
    """The channels, `email` and `sms`, whose messages come back from the addresses that the resident has now."""
    problems = problems_of(profile.account_id, email=profile.email, phone=profile.phone)
    return frozenset(each.channel for each in problems)


def _nobody(actor: str) -> str:
    """Who has left has no name any more; and a command acts for nobody in particular."""
    return _("A member of staff") if actor.startswith("staff:") else _("The portal itself")
