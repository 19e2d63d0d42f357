"""The way of an application, as data: decided by the rules or by an officer, paid for, then a permit.

One way for all kinds. A kind or status that is given up stays here, so that old cases keep their words.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal, get_args

from portal.kit import CaseType, Lazy, Move, NotFound, ServiceLevel, StaffForm, Status, TaskField, TaskForm, settings_of
from portal.kit import lazy_gettext as _
from services.permits.settings import PermitSettings

SERVICE: Final = "permits"
ACTOR: Final = "system:permits"
"""Who moves a case where nobody does."""
TEAM: Final = "parking"
TEAMS: Final[Mapping[str, Lazy]] = {TEAM: _("Parking permits")}
KEPT_DAYS: Final = 365
"""How long an ended permit says whose it was: its life and one year (Teignbridge's schedule; see service.py)."""
CASE_KEPT_DAYS: Final = 3 * 365
"""The case is closed when the permit is granted: up to 90 days before a year that is kept for one more."""

Kind = Literal["resident", "visitor", "business", "carer", "temporary"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TITLES: Final[Mapping[Kind, Lazy]] = {
    "resident": _("Resident parking permit"),
    "visitor": _("Visitor parking"),
    "business": _("Business parking permit"),
    "carer": _("Carer parking permit"),
    "temporary": _("Temporary parking permit"),
}

STATUSES: Final = (
    Status(
        code="received",
        title=_("Received"),
        meaning=_("We have your application."),
        next=_("We check it at once."),
    ),
    Status(
        code="with_officer",
        title=_("With an officer"),
        meaning=_("A parking officer looks at your application, because our rules alone cannot decide it."),
        next=_("We will tell you here what they decide. You pay nothing before that."),
    ),
    Status(
        code="to_pay",
        title=_("Ready to pay"),
        meaning=_("You can have this permit. It is not valid until you have paid."),
        next=_("Pay for it in your parking permits. Until then we hold it for a limited time."),
        waits_for="resident",
    ),
    Status(
        code="granted",
        title=_("Granted"),
        meaning=_("You have this permit."),
        next=_("There is nothing to put in your car. Find the permit and its days in your parking permits."),
        open=False,
    ),
    Status(
        code="refused",
        title=_("Refused"),
        meaning=_("You cannot have this permit."),
        next=_("If you think that this is wrong, ring us or write to us, and say your reference."),
        open=False,
    ),
    Status(
        code="lapsed",
        title=_("Not paid in time"),
        meaning=_("We held this permit for you, and it was not paid for in time."),
        next=_("You have paid nothing. Apply again if you still want it."),
        open=False,
    ),
    Status(
        code="withdrawn",
        title=_("Withdrawn"),
        meaning=_("You took this application back."),
        next=_("You have paid nothing. You can apply again."),
        open=False,
    ),
    Status(
        code="ended",
        title=_("Ended early"),
        meaning=_("This permit ended before its last day."),
        next=_("Do not park with it any more. What you get back is in your payments."),
        open=False,
    ),
)
_SYSTEM: Final[frozenset[Literal["resident", "staff", "system"]]] = frozenset({"system"})
_RESIDENT: Final[frozenset[Literal["resident", "staff", "system"]]] = frozenset({"resident", "system"})
_STAFF_OR_WE: Final[frozenset[Literal["resident", "staff", "system"]]] = frozenset({"staff", "system"})
MOVES: Final = (
    *(Move(source="received", target=to, by=_SYSTEM) for to in ("with_officer", "to_pay", "granted", "refused")),
    # A permit that costs nothing goes on to "granted" by itself.
    Move(source="with_officer", target="to_pay", by=_STAFF_OR_WE, right="decide", title=_("Grant the permit")),
    Move(
        source="with_officer",
        target="refused",
        by=_STAFF_OR_WE,
        right="decide",
        title=_("Refuse the permit"),
        asks_reason=True,
    ),
    Move(source="with_officer", target="withdrawn", by=_RESIDENT, title=_("Take the application back")),
    Move(source="to_pay", target="granted", by=_SYSTEM),
    Move(source="to_pay", target="lapsed", by=_SYSTEM),
    Move(source="to_pay", target="withdrawn", by=_RESIDENT, title=_("Take the application back")),
    Move(source="lapsed", target="granted", by=_SYSTEM),  # paid late, and the place was still free
    Move(source="withdrawn", target="granted", by=_SYSTEM),
    Move(
        source="granted",
        target="ended",
        by=frozenset({"resident", "staff", "system"}),
        right="decide",
        title=_("End the permit early"),
        asks_reason=True,
    ),
)

ACTS: Final[Mapping[str, Lazy]] = {
    "permits.placed": _("An officer said where the address of your parking permit is"),
    "permits.visitor_hours_given_back": _("You gave visitor hours back"),
    "permits.business_code_made": _("A code was made, for somebody to join your business’s parking"),
    "permits.business_code_taken_back": _("A code to join your business’s parking was taken back"),
    "permits.business_role_changed": _("Changed: what somebody may do for your business’s parking"),
    "permits.business_member_removed": _("Somebody was taken out of your business’s parking"),
    "permits.business_member_added": _("Somebody joined your business’s parking"),
}
"""What the audit trail says of a resident, as they read it."""

MORE_TO_SAY: Final = TaskForm(
    title=_("Tell us more about your permit"),
    words=_("We cannot decide yet. Answer in your own words."),
    fields=(TaskField(name="answer", label=_("Your answer"), kind="long_text"),),
)
"""What an officer may ask of anybody. Documents are asked for by a task for documents."""

PLACE: Final = "place"
WHERE: Final = StaffForm(
    form=TaskForm(
        title=_("Say where the address is"),
        words=_(
            "The applicant typed the address. Look it up in the register of addresses: its parking zone, how many"
            " permits it may have and the price follow from what you enter here."
        ),
        fields=(
            TaskField(name="uprn", label=_("UPRN"), hint=_("Up to 12 digits")),
            TaskField(name="street", label=_("Street"), hint=_("Its name as the register has it")),
            TaskField(
                name="zone",
                label=_("Code of the parking zone"),
                hint=_("Only where our table of zones says nothing of the address."),
                required=False,
            ),
        ),
    ),
    statuses=frozenset({"with_officer"}),
    right="decide",
)
"""What an officer finds out of an address that was typed."""


def _promise(kind: Kind) -> ServiceLevel:
    """How soon an officer decides, as the council has set it."""
    return ServiceLevel(days=getattr(settings_of(PermitSettings).answer_days, kind), warn=1)


CASE_TYPES: Final = tuple(
    CaseType(
        service=SERVICE,
        slug=kind,
        title=title,
        statuses=STATUSES,
        moves=MOVES,
        service_level=partial(_promise, kind),
        team=TEAM,
        forms={"more": MORE_TO_SAY},
        staff_forms={PLACE: WHERE},
        retention_days=CASE_KEPT_DAYS,
        facts=("why",),
    )
    for kind, title in TITLES.items()
)
_TYPES: Final = {each.slug: each for each in CASE_TYPES}


def type_of(kind: str) -> CaseType:
    """The case type of a kind of permit. Raises NotFound."""
    found = _TYPES.get(kind)
    if found is None:
        raise NotFound(str(_("We do not know this kind of permit.")))
    return found
