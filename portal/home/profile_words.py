"""The profile in words: what is saved, and who has confirmed it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from markupsafe import Markup

from portal.accounts import rules
from portal.accounts.values import PostalAddress, Profile, VerifiedClaim
from portal.web.languages import LANGUAGES, current_language, format_date
from portal.web.languages import gettext as _
from portal.web.state import web_state


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the overview. `lines` is empty where nothing was answered; `change` is an endpoint.

    `mark` is who has confirmed it; `broken` that nothing of ours arrives there, and `mend` what to do about that.
    """

    label: str
    lines: tuple[str, ...]
    change: str
    hidden: str
    kind: str | None = None
    mark: str = ""
    broken: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What one provider vouches for, apart from what the resident typed."""

    by: str
    at: datetime
    facts: list[tuple[str, str]]


def rows(profile: Profile, broken: Collection[str] = ()) -> list[tuple[str, list[Row]]]:
    """The overview: sections and their lines. `broken` names the channels by which nothing arrives."""
    return [
        (
            _("About you"),
            [
                Row(_("Name"), _lines(profile.full_name), "profile.name", _("your name")),
                Row(
                    _("The name we should call you"),
                    _lines(profile.preferred_name),
                    "profile.name",
                    _("the name we should call you"),
                ),
                Row(
                    _("Date of birth"),
                    _lines(_day(profile.date_of_birth)),
                    "profile.date_of_birth",
                    _("your date of birth"),
                ),
                Row(_("Language"), (in_itself(profile.language),), "profile.language", _("your language")),
            ],
        ),
        (
            _("How to reach you"),
            [
                Row(
                    _("Email address"),
                    _lines(profile.email or ""),
                    "profile.email",
                    _("your email address"),
                    mark="" if "email" in broken else _email_mark(profile),
                    broken=_("Our emails are not reaching this address") if "email" in broken else "",
                    mend=_("Give us another, or confirm this one again"),
                ),
                Row(
                    _("Telephone number"),
                    _lines(_phone(profile)),
                    "profile.phone",
                    _("your telephone number"),
                    broken=_("Our texts are not reaching this number") if "sms" in broken else "",
                    mend=_("Give us another number"),
                ),
                Row(_("How we contact you"), _contact(profile), "profile.contact", _("how we contact you")),
            ],
        ),
        (
            _("Where you live"),
            [
                Row(_("Home address"), _address(profile, "home"), "profile.address", _("your home address"), "home"),
                Row(
                    _("Address for letters"),
                    _address(profile, "correspondence") or _same_as_home(profile),
                    "profile.address",
                    _("your address for letters"),
                    "correspondence",
                ),
            ],
        ),
    ]


def saved_answer(profile: Profile, question: str) -> list[tuple[str, str]]:
    """What is saved for one question, as (label, text) pairs."""
    none = _("Not provided")
    if question == "name":
        return [
            (_("Name"), profile.full_name or none),
            (_("The name we should call you"), profile.preferred_name or none),
        ]
    if question == "date_of_birth":
        return [(_("Date of birth"), _day(profile.date_of_birth) or none)]
    if question == "phone":
        return [(_("Telephone number"), _phone(profile) or none)]
    if question == "contact":
        return [(_("How we contact you"), ", ".join(_contact(profile)) or none)]
    return [(_("Address"), ", ".join(_address(profile, question)) or none)]


def confirmed_facts(verified: Sequence[VerifiedClaim]) -> list[Confirmed]:
    """What providers vouch for, provider by provider."""
    labels = {
        "given_name": _("First names"),
        "family_name": _("Last name"),
        "birthdate": _("Date of birth"),
        "address": _("Address"),
        "email": _("Email address"),
        "phone_number": _("Telephone number"),
    }
    found: dict[str, Confirmed] = {}
    for name, label in labels.items():
        for claim in verified:
            if claim.name == name:
                by = found.setdefault(claim.issuer, Confirmed(provider_title(claim.issuer), claim.verified_at, []))
                by.facts.append((label, _claim(claim)))
    return list(found.values())


def provider_title(issuer: str) -> str:
    """What a provider is called on the sign-in button; its host when it is no longer among the settings."""
    for provider in web_state().settings.providers.values():
        if provider.issuer.rstrip("/") == issuer.rstrip("/"):
            return provider.called(current_language())
    return urlsplit(issuer).hostname or issuer


def in_itself(language: str) -> Markup:
    """A language's own name for itself, marked so that it is read out rightly."""
    return Markup('<span lang="{}">{}</span>').format(language, LANGUAGES[language])


def contact_way(way: str) -> str:
    """A way of contact, in words."""
    words = {
        "email": _("Email"),
        "text": _("Text message"),
        "telephone": _("Telephone"),
        "letter": _("Letter"),
    }
    return words[way]


def _claim(claim: VerifiedClaim) -> str:
    if claim.name == "birthdate":
        return format_date(date.fromisoformat(claim.value))
    return claim.value


def _lines(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _day(day: date | None) -> str:
    return format_date(day) if day else ""


def _phone(profile: Profile) -> str:
    return rules.printed_number(profile.phone) if profile.phone else ""


def _email_mark(profile: Profile) -> str:
    """Who has confirmed the address: a provider that vouches for this very one, else the resident by our link."""
    if profile.email is None:
        return ""
    for claim in profile.verified:
        if claim.name == "email" and claim.value.lower() == profile.email.lower():
            return _("Confirmed by %(provider)s", provider=provider_title(claim.issuer))
    if profile.email_confirmed_at is None:
        return ""
    return _("Confirmed by you on %(date)s", date=format_date(profile.email_confirmed_at))


def _contact(profile: Profile) -> tuple[str, ...]:
    way = (contact_way(profile.contact_by),) if profile.contact_by else ()
    return way + _lines(profile.contact_needs)


def _address(profile: Profile, kind: str) -> tuple[str, ...]:
    address: PostalAddress | None = profile.address(kind)
    return (*address.lines, address.postcode) if address else ()


def _same_as_home(profile: Profile) -> tuple[str, ...]:
    return (_("Same as your home address"),) if profile.address("home") else ()
