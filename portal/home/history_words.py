"""What each act on the audit trail is called on the resident's own page of what happened. Pure."""

from collections.abc import Mapping
from typing import Final, get_args

from portal.cases import event_words
from portal.cases.values import FOR_THEM, EventKind
from portal.web.languages import Lazy, gettext
from portal.web.languages import lazy_gettext as _

ACTS: Final[Mapping[str, Lazy]] = {
    "account.opened": _("The account was opened"),
    "account.opened_for_caller": _("The account was opened for you"),
    "account.claim_code_made": _("A code was made, to add what we sent in for you to your account"),
    "account.unclaimed_forgotten": _("What we sent in for you was deleted, because nobody added it to an account"),
    "account.claimed": _("What we sent in for you was added to your account"),
    "email.change_asked": _("A new email address was asked for"),
    "email.changed": _("The email address was changed"),
    "email.change_cancelled": _("The new email address was cancelled"),
    "record.tried": _("Something was to be added to your account"),
    "record.joined": _("A record of ours, such as your council tax, was added to your account"),
    "record.left": _("A record of ours, such as your council tax, was removed from your account"),
    "record.protected": _("Changed: whether the address of a record is kept from others"),
    "record.letter": _("A letter with a code was asked for"),
    "data.exported": _("A copy of your data was downloaded"),
    "identity.signed_in": _("Signed in"),
    "identity.stepped_up": _("You confirmed that it is you"),
    "identity.signed_out": _("Signed out"),
    "identity.logged_out": _("Signed out here, because you had signed out elsewhere"),
    "identity.not_renewed": _("Signed out here: you had to sign in again"),
    "identity.session_ended": _("A device was signed out"),
    "identity.sessions_ended": _("Other devices were signed out"),
    "identity.new_device_told": _("You were written to about a new device"),
    "identity.other_person_refused": _("Somebody else’s sign-in was refused here"),
    "identity.linked": _("A way to sign in was added"),
    "identity.unlinked": _("A way to sign in was removed"),
    "identity.waits": _("Somebody with your email address came by another way of signing in"),
    "identity.proof_mailed": _("You were written to about getting to your account"),
    "identity.moved": _("Your way of signing in was moved to another provider"),
    "identity.move_announced": _("Your way of signing in is to be moved to another provider"),
    "account.held": _("A sign-in was reported, and changes were held"),
    "account.released": _("Changes are no longer held"),
    "account.found_by_email": _("The council looked for your account by your email address"),
    "case.opened": _("Something you sent was received"),
    "case.moved": _("Something you sent was updated"),
    "case.document_fetched": _("A document of yours was opened"),
    "cosign.taken_up": _("You opened something that somebody asked you to sign"),
    "cosign.signed": _("You signed something with somebody else"),
    "cosign.declined": _("You did not sign what somebody asked you to sign"),
    "file.received": _("A file was uploaded"),
    "file.deleted": _("A file was deleted"),
    "notices.channel_chosen": _("Changed: how we tell you about one of our services"),
    "notices.choice_taken_back": _("Changed: we tell you the usual way again"),
    "calendar.address_made": _("The secret address of your calendar was made"),
    "calendar.address_stopped": _("The secret address of your calendar was switched off"),
    "link_out.known": _("You signed in to an application that may write to your home"),
    "link_out.let_go": _("An application no longer writes to your home, because you left it"),
    "link_out.stopped": _("An application was stopped from writing to your home"),
    "link_out.allowed": _("An application was allowed to write to your home again"),
    "payment.begun": _("A card payment was begun"),
    "payment.paid": _("A card payment arrived"),
    "payment.ended": _("A card payment came to nothing"),
    "payment.taken_beside": _("A card payment arrived that we did not expect"),
    "payment.offered_again": _("A card payment was used for what it was meant for"),
    "payment.refund_asked": _("Money was to be given back to your card"),
    "payment.refunded": _("Money was given back to your card"),
    "payment.refund_failed": _("Money could not be given back to your card"),
    "staff.looked": _("Somebody at the council looked at something of yours"),
    "staff.look_began": _("Somebody at the council began to see the portal as you do"),
    "staff.look_ended": _("Somebody at the council stopped seeing the portal as you do"),
    "staff.assist_began": _("Somebody at the council began to fill in a form for you"),
    "staff.assist_ended": _("Somebody at the council stopped filling in forms for you"),
}
LEFT_OUT: Final = frozenset(
    f"case.{kind}"
    for kind in (
        "taken",
        "released",
        "passed_on",
        "team_changed",
        "routed",
        "escalated",
        "note_written",
        "merged",
        "absorbed",
    )
)
"""How the council shares out its work. What the resident sees of it is on the case's own timeline."""
FIELDS: Final[Mapping[str, Lazy]] = {
    "given_name": _("first names"),
    "family_name": _("last name"),
    "preferred_name": _("the name we should call you"),
    "date_of_birth": _("date of birth"),
    "phone": _("telephone number"),
    "contact_by": _("how we contact you"),
    "contact_needs": _("what we should know when we contact you"),
    "language": _("language"),
    "home_address": _("home address"),
    "correspondence_address": _("address for letters"),
}
_CASE_KINDS: Final = frozenset(get_args(EventKind))
# An act that neither we nor its service has words for: its name is not for residents.
OTHER_ACT: Final = _("Something was done on your account")
OTHER_FIELD: Final = _("another detail")
NONE: Final[Mapping[str, str]] = {}


def in_words(
    act: str, details: Mapping[str, object], *, by_resident: bool, of_services: Mapping[str, str] = NONE
) -> str:
    """The act as the resident reads it. `of_services` are the words of services for their own."""
    if act == "profile.changed":
        changed = details.get("fields")
        names = changed if isinstance(changed, list) else []
        return gettext("Changed: %(fields)s", fields=", ".join(str(FIELDS.get(name, OTHER_FIELD)) for name in names))
    room, _dot, kind = act.partition(".")
    if room != "case" or kind not in _CASE_KINDS:
        return str(ACTS.get(act) or of_services.get(act, OTHER_ACT))
    told_by = str(details.get("channel", "")) if details.get(FOR_THEM) else ""
    said = event_words.for_resident(kind, by_resident=by_resident, told_by=told_by)
    return said or str(ACTS.get(act, OTHER_ACT))
