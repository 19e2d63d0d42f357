"""The way of a change that a resident asks for, as data: kept, with an officer where one decides, then done or not.

One way for all kinds. A kind or status that is given up stays here, so that old cases keep their words.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal

from portal.kit import CaseType, Lazy, Move, NotFound, ServiceLevel, Status, TaskField, TaskForm, settings_of
from portal.kit import lazy_gettext as _
from services.council_tax.settings import CouncilTaxSettings

SERVICE: Final = "council_tax"
RECORD: Final = "account"
"""The kind of record that residents join: a council tax account."""
TEAM: Final = "council_tax"
TEAMS: Final[Mapping[str, Lazy]] = {TEAM: _("Council tax")}
KEPT_DAYS: Final = 6 * 365
"""How long a closed change says who asked and for what (see service.py, retention)."""

STATUSES: Final = (
    Status(
        code="waiting",
        title=_("Waits to be sent"),
        meaning=_("We have what you sent us. It has not reached our council tax system yet."),
        next=_("We send it as soon as the system answers, usually within a minute. You do not have to send it again."),
    ),
    Status(
        code="with_officer",
        title=_("With an officer"),
        meaning=_("A council tax officer has what you sent us and will decide."),
        next=_("We will tell you here what they decide, and whether a new bill is due."),
    ),
    Status(
        code="done",
        title=_("Done"),
        meaning=_("Your council tax account has been changed."),
        next=_(
            "Open your council tax account to see what has changed. If you owe a different amount, there is a bill."
        ),
        open=False,
    ),
    Status(
        code="refused",
        title=_("Not changed"),
        meaning=_("Your council tax account has not been changed."),
        next=_("If you think that this is wrong, ring us or write to us, and say your reference."),
        open=False,
    ),
)
_SYSTEM: Final[frozenset[Literal["resident", "staff", "system"]]] = frozenset({"system"})
_STAFF_OR_WE: Final[frozenset[Literal["resident", "staff", "system"]]] = frozenset({"staff", "system"})
MOVES: Final = (
    Move(source="waiting", target="with_officer", by=_SYSTEM),
    Move(source="waiting", target="done", by=_SYSTEM),
    Move(source="waiting", target="refused", by=_SYSTEM),
    Move(source="with_officer", target="done", by=_STAFF_OR_WE, right="decide", title=_("Mark as done")),
    Move(
        source="with_officer",
        target="refused",
        by=_STAFF_OR_WE,
        right="decide",
        title=_("Refuse the change"),
        asks_reason=True,
    ),
)

MORE_TO_SAY: Final = TaskForm(
    title=_("Tell us more about your council tax"),
    words=_("We cannot decide yet. Answer in your own words."),
    fields=(TaskField(name="answer", label=_("Your answer"), kind="long_text"),),
)
"""What an officer may ask of any resident. Evidence is asked for by a task for documents."""

TITLES: Final[Mapping[str, Lazy]] = {
    "move": _("Moving home"),
    "discount": _("Council tax discount"),
    "exemption": _("Council tax exemption"),
    "band_reduction": _("Disabled band reduction"),
    "reduction": _("Council tax reduction"),
    "refund": _("Council tax refund"),
    "arrangement": _("Spreading what you owe"),
    "direct_debit": _("Direct Debit for council tax"),
    "e_billing": _("Paperless council tax bills"),
    "instalments": _("Number of council tax payments"),
}


def _promise(slug: str) -> ServiceLevel:
    """How soon we answer, as the council has set it."""
    return ServiceLevel(days=getattr(settings_of(CouncilTaxSettings).answer_days, slug), warn=1)


CASE_TYPES: Final = tuple(
    CaseType(
        service=SERVICE,
        slug=slug,
        title=title,
        statuses=STATUSES,
        moves=MOVES,
        service_level=partial(_promise, slug),
        team=TEAM,
        forms={"more": MORE_TO_SAY},
        retention_days=KEPT_DAYS,
        facts=("kind", "code"),
    )
    for slug, title in TITLES.items()
)
_TYPES: Final = {each.slug: each for each in CASE_TYPES}

REASONS: Final[Mapping[str, Lazy]] = {
    # Ours, when the system has not even taken it.
    "not_found": _("This council tax account is not open to you any more."),
    "no_answer": _("Our council tax system did not answer for a month, so this was not sent. Send it again."),
    "withdrawn": _("This council tax account is not open to you any more."),
    "unreadable": _("We could not read what we had kept for you. Send it again."),
    # The system's.
    "account_closed": _("This council tax account is closed."),
    "already_has": _("Your account has this already."),
    "already_moved": _("Somebody on this account has told us of a move already."),
    "before_account": _("The date is before this council tax account began."),
    "before_discount": _("The date is before the discount began."),
    "more_than_credit": _("You asked for more than the credit on your account."),
    "no_credit": _("There is no credit on your account that we could pay back."),
    "no_direct_debit": _("You do not pay by Direct Debit."),
    "no_such_discount": _("Your account does not have this discount."),
    "nobody_named": _("We need the name of at least one person who moves in."),
    "not_entitled": _("An officer has looked at what you sent. It does not meet the conditions."),
    "nothing_owed": _("You owe nothing at the moment."),
    "occupied": _(
        "Somebody else pays council tax for this home at the moment. Ring us, so that we can hear both sides."
    ),
    "same_property": _("This is the home that the account is for already."),
    "too_far_ahead": _("The date is too far ahead. Tell us again nearer the time."),
    "too_long_ago": _("The date is too long ago for us to change this here. Ring us."),
    "too_many_months": _(
        "We cannot spread what you owe over so many months. Ring us, so that we can find another way."
    ),
    "unknown_property": _("We do not know this home. Ring us, so that we can find it."),
    "wrong_dates": _("The dates do not fit each other."),
}
"""What a code of the system means to a resident."""
OTHERWISE: Final = _("Our council tax system did not take this change. Ring us, so that we can help you.")


def type_of(slug: str) -> CaseType:
    """The case type of that slug. Raises NotFound."""
    found = _TYPES.get(slug)
    if found is None:
        raise NotFound(str(_("We do not know this kind of change.")))
    return found


def reason_for(code: str) -> Lazy:
    """Why a change was not made, in words for the resident."""
    return REASONS.get(code, OTHERWISE)
