"""The resident's right to their data: one file with what the portal and every service keep about them."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from portal import clock
from portal.accounts import queries as accounts
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.backoffices import forgetting as backoffices
from portal.cases import queries as cases
from portal.cases import talk
from portal.db.session import commits, session
from portal.files import queries as files
from portal.home import feeds
from portal.home.profile_words import contact_way
from portal.identity import queries as sign_ins
from portal.identity.guard import RECENTLY, demands
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.joining import forgetting as joining
from portal.linkouts import queries as link_outs
from portal.notices import choices, inbox
from portal.notify import contact_problems
from portal.notify import queries as messages
from portal.payments import forgetting as payments
from portal.registry.mount import mounted, service_titles
from portal.staff import looks
from portal.web.fault_log import told
from portal.web.languages import ngettext
from portal.web.page import render

bp = Blueprint("data", __name__, template_folder="templates")
logger = logging.getLogger(__name__)
YEAR = 365


@bp.get("/your-data")
def your_data() -> str:
    """What is kept, by whom, for how long; and the button that fetches it."""
    return render("home/data.html", services=[each.service for each in mounted()], how_long=how_long)


@bp.post("/your-data")
@demands(fresh=RECENTLY)
@sensitive
@commits
def download() -> Response:
    """The file. A POST, because it is recorded in the audit trail.

    All that there is about somebody at once: only for who has lately shown that they are that person.
    """
    account = current_account()
    answer = make_response(json.dumps(_everything_about(account), indent=2, ensure_ascii=False, default=_plain))
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="my-data-{clock.today().isoformat()}.json"'
    record("data.exported", actor=f"account:{account.id}", account_id=account.id)
    return answer


def how_long(days: int) -> str:
    """A period as people say it: in years where it is whole years."""
    years, rest = divmod(days, YEAR)
    if years and not rest:
        return ngettext("%(n)s year", "%(n)s years", years)
    return ngettext("%(n)s day", "%(n)s days", days)


def _everything_about(account: Account) -> dict[str, Any]:
    """One file whose parts stand side by side, with words beside the codes, in the resident's language."""
    titles = service_titles()
    parts: dict[str, Any] = {
        "made_at": clock.now(),
        **accounts.everything_about(account.id),
        **cases.everything_about(account.id),
        **talk.everything_about(account.id),
        **backoffices.everything_about(account.id),
        "files": files.everything_about(account.id),
        "records": joining.everything_about(account.id),
        **payments.everything_about(account.id),
        "inbox": inbox.everything_about(account.id),
        "applications": link_outs.everything_about(account.id),
        "calendar_address": feeds.everything_about(account.id),
        "channel_choices": dict(choices.choices_of(account.id)),
        "messages": messages.everything_about(account.id),
        "contact_problems": contact_problems.everything_about(account.id),
        "sign_ins": sign_ins.everything_about(account.id),
        **sign_ins.safety_of(account.id),
        "who_looked": looks.everything_about(account.id),
        "services": {},
    }
    way = parts["profile"]["contact_by"]
    parts["profile"]["contact_by_title"] = contact_way(way) if way else None
    for name in ("cases", "drafts", "files"):
        parts[name] = [_with_title(entry, titles) for entry in parts[name]]
    for each in mounted():
        parts["services"][each.slug] = _part(each.slug, each.service.export, account)
    return parts


def _with_title(entry: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    """The entry with the service's title right after its code."""
    told: dict[str, Any] = {}
    for name, value in entry.items():
        told[name] = value
        if name == "service":
            told["service_title"] = titles.get(value, value)
    return told


def _plain(value: object) -> str:
    """Times and days as ISO 8601 writes them; ids and the rest as text."""
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date


def _part(slug: str, export: Callable[[Account], Any], account: Account) -> Any:
    """One service's part, or the plain fact that it is missing: a file with a gap that says so beats none."""
    try:
        with session().begin_nested():
            return export(account)
    except Exception as error:  # noqa: BLE001  # whatever a service raises must not cost the other parts
        logger.error("service failed to export: %s\n%s", slug, told(error))  # its words may be of the resident
        return {"missing": "This service could not answer. Ask for your data again later."}
