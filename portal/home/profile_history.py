"""What happened to the resident's record, from the audit trail, in plain words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request

from portal.accounts.values import Account
from portal.audit import queries as audit
from portal.audit.models import AuditEntry
from portal.home.profile_blueprint import bp
from portal.identity.sessions import current_account
from portal.web.languages import gettext as _
from portal.web.languages import lazy_gettext
from portal.web.page import render

PAGE = 25
MARK = re.compile(r"(?P<at>[0-9T:.+-]{25,32})~(?P<id>[0-9]{1,18})", re.ASCII)
ACTS = {
    "account.opened": lazy_gettext("The account was opened"),
    "email.change_asked": lazy_gettext("A new email address was asked for"),
    "email.changed": lazy_gettext("The email address was changed"),
    "email.change_cancelled": lazy_gettext("The new email address was cancelled"),
    "data.exported": lazy_gettext("A copy of your data was downloaded"),
    "identity.signed_in": lazy_gettext("Signed in"),
    "identity.stepped_up": lazy_gettext("You confirmed that it is you"),
    "identity.signed_out": lazy_gettext("Signed out"),
    "identity.logged_out": lazy_gettext("Signed out here, because you had signed out elsewhere"),
    "identity.not_renewed": lazy_gettext("Signed out here: you had to sign in again"),
    "identity.session_ended": lazy_gettext("A device was signed out"),
    "identity.sessions_ended": lazy_gettext("Other devices were signed out"),
    "identity.new_device_told": lazy_gettext("You were written to about a new device"),
    "identity.linked": lazy_gettext("A way to sign in was added"),
    "identity.unlinked": lazy_gettext("A way to sign in was removed"),
    "identity.waits": lazy_gettext("Somebody with your email address came by another way of signing in"),
    "identity.proof_mailed": lazy_gettext("You were written to about getting to your account"),
    "identity.moved": lazy_gettext("Your way of signing in was moved to another provider"),
    "identity.move_announced": lazy_gettext("Your way of signing in is to be moved to another provider"),
    "account.held": lazy_gettext("A sign-in was reported, and changes were held"),
    "account.released": lazy_gettext("Changes are no longer held"),
    "account.found_by_email": lazy_gettext("The council looked for your account by your email address"),
    "case.opened": lazy_gettext("Something you sent was received"),
    "case.moved": lazy_gettext("Something you sent was updated"),
    "file.received": lazy_gettext("A file was uploaded"),
    "file.deleted": lazy_gettext("A file was deleted"),
}
FIELDS = {
    "given_name": lazy_gettext("first names"),
    "family_name": lazy_gettext("last name"),
    "preferred_name": lazy_gettext("the name we should call you"),
    "date_of_birth": lazy_gettext("date of birth"),
    "phone": lazy_gettext("telephone number"),
    "contact_by": lazy_gettext("how we contact you"),
    "contact_needs": lazy_gettext("what we should know when we contact you"),
    "language": lazy_gettext("language"),
    "home_address": lazy_gettext("home address"),
    "correspondence_address": lazy_gettext("address for letters"),
}
# A service's own acts are in nobody's list here, and their names are not for residents.
OTHER_ACT = lazy_gettext("Something was done on your account")
OTHER_FIELD = lazy_gettext("another detail")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    what: str
    who: str


@bp.get("/history")
def history() -> str:
    """The newest entries first; `before` is the mark of the last one that was seen."""
    account = current_account()
    entries = audit.entries_about(account.id, before=_before(), limit=PAGE + 1)
    older = _mark(entries[PAGE - 1]) if len(entries) > PAGE else None
    return render("home/profile/history.html", lines=in_words(entries[:PAGE], account), older=older)


def in_words(entries: Sequence[AuditEntry], account: Account) -> list[Line]:
    """The entries as the resident reads them."""
    return [Line(entry.at, _what(entry), _who(entry.actor, account)) for entry in entries]


def _what(entry: AuditEntry) -> str:
    if entry.act == "profile.changed":
        fields = [str(FIELDS.get(name, OTHER_FIELD)) for name in entry.details.get("fields", [])]
        return _("Changed: %(fields)s", fields=", ".join(fields))
    return str(ACTS.get(entry.act, OTHER_ACT))


def _who(actor: str, account: Account) -> str:
    if actor == f"account:{account.id}":
        return _("You")
    if actor.startswith("account:"):
        return _("Somebody else")
    if actor.startswith("provider:"):
        return _("The account you sign in with")
    if actor.startswith("system:"):
        return _("The portal")
    return _("The council")


def _mark(entry: AuditEntry) -> str:
    return f"{entry.at.isoformat()}~{entry.id}"


def _before() -> tuple[datetime, int] | None:
    """Where the page begins, straight from the address: a mark that cannot be read means the first page."""
    wanted = MARK.fullmatch(request.args.get("before", ""))
    try:
        at = datetime.fromisoformat(wanted["at"]) if wanted else None
    except ValueError:
        return None
    return (at, int(wanted["id"])) if wanted and at and at.tzinfo else None
