"""What the pages of the journey share: whose draft it is, which page comes next, and how one is drawn.

The same pages serve residents, staff in a caller's place, and guests, who have no account: theirs lie under /guest and
are open to all, and the draft is found by what the browser holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, Final
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Account,
    Draft,
    Form,
    browser_id,
    commits,
    current_account,
    current_account_or_none,
    for_helpers,
    get_case,
    notify_next,
    public,
    render,
    takes_files,
)
from portal.kit import gettext as _
from services.reporting.operations import drafts, guests
from services.reporting.operations.answering import keep_answer
from services.reporting.queries import own
from services.reporting.rules.categories import find_category, get_category, is_taken, offered_by_group
from services.reporting.rules.journey import Step, first_missing, may_open, step_after, step_before
from services.reporting.settings.categories import Category
from services.reporting.views.blueprint import bp

LATEST: Final = 3
GUEST: Final = "guest_"
"""What endpoints of guests begin with."""
NEED_NO_KIND: Final = (Step.DESCRIPTION, Step.KIND, Step.PICK, Step.CHECK)


@dataclass(frozen=True, slots=True)
class Asking:
    """A page of the journey that somebody has opened."""

    account: Account
    draft: Draft
    as_guest: bool = False

    def page_of(self, step: Step) -> str:
        """The address of a question."""
        return self.address(step)

    def address(self, endpoint: str, **values: Any) -> str:
        """The address of a page about this draft, for a guest the one that is open to them."""
        name = f".{GUEST}{endpoint}" if self.as_guest else f".{endpoint}"
        return url_for(name, draft_id=self.draft.id, **values)

    @property
    def category(self) -> Category:
        """The category that was chosen. Raises NotFound when it was given up meanwhile."""
        return get_category(self.draft.answers[Step.KIND]["kind"])


Question = Callable[[Asking], ResponseReturnValue]


def question(step: Step, *, files: int = 1) -> Callable[[Question], Question]:
    """Make a view a page of the journey, which takes so many files at once.

    Who comes too early, or after sending, is shown the way.
    """

    def guarded(view: Question, asking: Asking) -> ResponseReturnValue:
        draft = asking.draft
        if draft.case_id:
            return redirect(sent_page(asking))
        if not may_open(step, draft.answers):
            return redirect(asking.page_of(first_missing(draft.answers)))
        if kind_is_gone(draft) and step not in NEED_NO_KIND and not _keeps_what_was_sent(draft, step):
            return redirect(asking.page_of(Step.KIND))
        return view(asking)

    def register(view: Question) -> Question:
        add_page(str(step), wraps(view)(partial(guarded, view)), files=files)
        return view

    return register


def add_page(
    name: str,
    view: Callable[..., ResponseReturnValue],
    rule: str = "",
    methods: Sequence[str] = ("GET", "POST"),
    *,
    files: int = 1,
) -> None:
    """Add a page about a draft twice: for residents, behind their sign-in, and for guests."""
    rule = rule or name

    @bp.route(f"/drafts/<uuid:draft_id>/{rule}", endpoint=name, methods=methods)
    @for_helpers
    @takes_files(files)
    @commits
    def for_residents(draft_id: UUID, **values: Any) -> ResponseReturnValue:
        account = current_account()
        return view(Asking(account, own.get_own_draft(account, draft_id)), **values)

    @bp.route(f"/guest/drafts/<uuid:draft_id>/{rule}", endpoint=f"{GUEST}{name}", methods=methods)
    @public
    @takes_files(files)
    @commits
    def for_guests(draft_id: UUID, **values: Any) -> ResponseReturnValue:
        account, draft = guests.get_guest_draft(browser_id(), draft_id)
        return view(Asking(account, draft, as_guest=True), **values)


def ask(template: str, asking: Asking, step: Step, form: Form, **values: Any) -> str:
    """The page of a question, with the way back."""
    before = step_before(step, asking.draft.answers)
    back = asking.page_of(before) if before else url_for(".guest" if asking.as_guest else ".start")
    return render(f"reporting/{template}.html", asking=asking, draft=asking.draft, form=form, back=back, **values)


def go_on(asking: Asking, step: Step, **answers: Any) -> ResponseReturnValue:
    """Keep the answers of a page and go where Continue leads."""
    draft = keep_answer(asking.account, draft_id=asking.draft.id, step=step, answers=answers)
    return redirect(asking.page_of(step_after(step, draft.answers)))


@bp.get("/")
@public
@for_helpers
def start() -> ResponseReturnValue:
    """What can be reported, the way in, and what was reported lately. Whoever is not signed in may choose to be not."""
    account = current_account_or_none()
    if account is None:
        return redirect(url_for(".guest"))
    latest, _more = own.reports_of(account, most=LATEST)
    draft = own.find_open_draft(account)
    return render("reporting/start.html", groups=offered_by_group(), draft=draft, reports=latest)


@bp.post("/")
@for_helpers
@commits
def begin() -> ResponseReturnValue:
    """Start a report. On the start page's own address, so that signing in again leads back to it."""
    draft = drafts.begin_report(current_account())
    return redirect(url_for(f".{Step.DESCRIPTION}", draft_id=draft.id))


def discard(asking: Asking) -> ResponseReturnValue:
    """Throw away what was begun, once they have said so a second time."""
    start = url_for(".guest" if asking.as_guest else ".start")
    if not Form().accepted():
        if asking.draft.case_id:
            return redirect(start)
        return render("reporting/discard.html", asking=asking, start=start)
    if asking.as_guest:
        guests.discard(browser_id(), draft_id=asking.draft.id)
    else:
        drafts.discard_report(asking.account, draft_id=asking.draft.id)
    notify_next(_("Your unsent report has been deleted."))
    return redirect(start)


add_page("discard", discard)


def _keeps_what_was_sent(draft: Draft, step: Step) -> bool:
    """Whether an answer that is sent just now is kept, though its kind is taken no more: the next page leads to kinds.

    Of a kind that was given up we no longer know the questions.
    """
    is_known = find_category(draft.answers[Step.KIND]["kind"]) is not None
    return request.method == "POST" and (is_known or step not in (Step.URGENT, Step.QUESTIONS, Step.NEARBY))


def kind_is_gone(draft: Draft) -> bool:
    """Whether the chosen category was given up or switched off since."""
    code = draft.answers.get(Step.KIND, {}).get("kind")
    category = find_category(code) if code else None
    return bool(code) and (category is None or not is_taken(category))


def sent_page(asking: Asking) -> str:
    """Where it is said that the report was sent."""
    if asking.as_guest:
        return asking.address("written")
    assert asking.draft.case_id is not None, "asked of a draft that was not sent"
    return url_for(".sent", reference=get_case(asking.account.id, asking.draft.case_id).reference)
