"""What a response template can say of the case that it is used on: `{{name}}` and the like, a fixed list.

A template that names anything else is refused when it is saved. What is not known of a case when the template is used
stays in the text as it is written, and the member of staff sees what is missing: nothing is sent with a hole in it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from portal.accounts.queries import get_profile
from portal.cases.declared import Status
from portal.cases.teams import find_team
from portal.cases.types import find_type
from portal.cases.values import Case
from portal.errors import NotFound
from portal.web.languages import Lazy, current_language, format_date, using
from portal.web.languages import lazy_gettext as _
from portal.web.state import web_state

LONG_DAY: Final = "EEEE d MMMM y"
_FIELD: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a template can name. `means` is for those who write templates."""

    name: str
    means: Lazy
    value: Callable[[Case], str]


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's text for one case. `missing` are the fields of which nothing is known; they stand in the text.

    `in_language`: whether the template has the text in the resident's language.
    """

    text: str
    missing: Sequence[str]
    in_language: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """What a template says in English and in Welsh, which may be empty."""

    body: str
    body_cy: str


def unknown_in(text: str) -> list[str]:
    """What stands in double braces and is no field, in the order of the text; braces that are not closed too."""
    unknown = [name or "{{}}" for name in _FIELD.findall(text) if name not in FIELDS]
    left = _BRACES.findall(_FIELD.sub("", text))
    return list(dict.fromkeys([*unknown, *left]))


def holes_in(text: str) -> list[str]:
    """Whatever in a text still waits to be filled in."""
    return list(dict.fromkeys(found.group(0) for found in _FIELD.finditer(text)))


def fill(
    texts: Texts, case: Case, language: str, given: Mapping[str, Callable[[], str]] = MappingProxyType({})
) -> Filled:
    """The text in the resident's language with what is known of the case; in English where there is no other.

    `given`, by field: what whoever fills in many has read for all of them; it is asked in the language of the text.
    """
    welsh = language == "cy" and bool(texts.body_cy)
    body = texts.body_cy if welsh else texts.body
    with using("cy" if welsh else "en"):
        known = {name: given[name]() if name in given else _value(name, case) for name in _named(body)}
    missing = [name for name, value in known.items() if not value]
    text = _FIELD.sub(lambda found: known.get(found[1]) or found[0], body)
    return Filled(text, missing, in_language=welsh or language != "cy")


def _named(body: str) -> list[str]:
    return list(dict.fromkeys(_FIELD.findall(body)))


def _value(name: str, case: Case) -> str:
    field = FIELDS.get(name)
    return field.value(case) if field else ""


def _name(case: Case) -> str:
    if case.account_id is None:
        return ""
    try:
        profile = get_profile(case.account_id)
    except NotFound:
        return ""
    return profile.preferred_name or profile.given_name


def _full_name(case: Case) -> str:
    if case.account_id is None:
        return ""
    try:
        return get_profile(case.account_id).full_name
    except NotFound:
        return ""


def _title(case: Case) -> str:
    case_type = find_type(case.service, case.type)
    return case_type.title_of(case.summary) if case_type else ""


def _status(case: Case) -> Status | None:
    case_type = find_type(case.service, case.type)
    return case_type.find_status(case.status) if case_type else None


def _status_title(case: Case) -> str:
    status = _status(case)
    return str(status.title) if status else ""


def _next(case: Case) -> str:
    status = _status(case)
    return str(status.next) if status else ""


def _team(case: Case) -> str:
    team = find_team(case.team) if case.team else None
    return team.name if team else ""


def _day(moment: datetime | None) -> str:
    return format_date(moment, LONG_DAY) if moment else ""


def _council(_case: Case) -> str:
    return web_state().settings.council.called(current_language())


def _telephone(_case: Case) -> str:
    return web_state().settings.council.telephone


def _page(case: Case) -> str:
    return f"{web_state().settings.public_url}/cases/{case.reference}"


FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field("name", _("What the resident wants to be called"), _name),
        Field("full_name", _("The resident’s first and last name"), _full_name),
        Field("reference", _("The case’s reference"), lambda case: case.reference),
        Field("kind", _("What kind of case it is"), _title),
        Field("status", _("The case’s status"), _status_title),
        Field("next", _("What happens next, as the case’s page says it"), _next),
        Field("team", _("The team that has the case"), _team),
        Field("sent_day", _("The day on which it was sent"), lambda case: _day(case.opened_at)),
        Field("due_day", _("The day by which we promised an end"), lambda case: _day(case.due_at)),
        Field("held_until_day", _("The day until which the case is on hold"), lambda case: _day(case.held_until_at)),
        Field("council", _("The council’s name"), _council),
        Field("telephone", _("The council’s telephone number"), _telephone),
        Field("page", _("The address of the case’s page"), _page),
    )
}
"""Every field that a template can name."""
