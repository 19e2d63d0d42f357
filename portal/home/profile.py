"""Your details: everything we know of a resident on one page, each with the way to change it."""

from typing import Any

from flask import url_for
from markupsafe import Markup

from portal.accounts import queries
from portal.home import (
    profile_about,
    profile_address,
    profile_applications,
    profile_contact,
    profile_email,
    profile_history,
)
from portal.home.joined_words import shown as shown_record
from portal.home.profile_blueprint import bp
from portal.home.profile_words import Row, confirmed_facts, rows
from portal.identity import proof
from portal.identity.sessions import current_account
from portal.joining.records import all_joined
from portal.notify.contact_problems import problems_of
from portal.web.languages import gettext as _
from portal.web.page import has_page, render

PAGES = (profile_about, profile_address, profile_applications, profile_contact, profile_email, profile_history)
"""The rooms of the blueprint: importing them is what adds their pages to it."""


@bp.get("")
def overview() -> str:
    """The summary."""
    account = current_account()
    profile = queries.get_profile(account.id)
    problems = problems_of(account.id, email=profile.email, phone=profile.phone)
    shown = rows(profile, {each.channel for each in problems})
    sections = [(title, [_listed(row) for row in lines]) for title, lines in shown]
    confirmed = [
        (each, [{"key": label, "value": text} for label, text in each.facts])
        for each in confirmed_facts(profile.verified)
    ]
    return render(
        "home/profile/overview.html",
        sections=sections,
        confirmed=confirmed,
        profile=profile,
        records=[shown_record(each) for each in all_joined(account.id)],
        can_prove=has_page("proof.prove") and proof.is_possible(),
    )


def _listed(row: Row) -> dict[str, Any]:
    """The row as the summary list takes it."""
    href = url_for(row.change, kind=row.kind) if row.kind else url_for(row.change)
    value = Markup("<br>").join(row.lines) if row.lines else _("Not provided")
    if row.broken:
        value = Markup(
            '{}<div class="govuk-!-margin-top-1"><strong class="govuk-tag govuk-tag--red">{}</strong></div>'
            '<div class="govuk-!-margin-top-1"><a class="govuk-link" href="{}">{}</a></div>'
        ).format(value, row.broken, href, row.mend)
    if row.mark:
        value = Markup(
            '{}<div class="govuk-!-margin-top-1"><strong class="govuk-tag govuk-tag--green">{}</strong></div>'
        ).format(value, row.mark)
    text = _("Change") if row.lines else _("Add")
    return {
        "key": row.label,
        "value": value,
        "actions": [{"href": href, "text": text, "about": row.hidden}],
    }
