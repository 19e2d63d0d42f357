"""Join a council record to the account: one question on a page, then what became of it. And let one go again."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Final

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.queries import get_profile
from portal.db.session import commits
from portal.errors import NotFound
from portal.home.joined_words import shown, wrong_words
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.joining.attempting import Tried, try_to_join
from portal.joining.codes import join_by_code
from portal.joining.drafts import JoinDraft, find_join_draft, keep_join_draft
from portal.joining.forms import CodeForm, PersonForm, ReferenceForm, answer_of, fact_form
from portal.joining.kinds import Declared, all_kinds, get_kind
from portal.joining.letters import ask_for_letter, can_write
from portal.joining.records import all_joined, find_joined, leave_record
from portal.joining.values import JoinedRecord
from portal.registry.switches import reasons, refuse_when_off
from portal.web import forms
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("join", __name__, url_prefix="/join", template_folder="templates")

KIND: Final = "/<service>/<record_kind>"
RECORD: Final = "/records/<uuid:record_id>"


@bp.get("")
@sensitive
def records() -> str:
    """What is in the account, and what can be added."""
    off = reasons()
    joined = [shown(each) for each in all_joined(current_account().id)]
    return render("home/join/records.html", joined=joined, kinds=[k for k in all_kinds() if k.service not in off])


@bp.route(KIND, methods=["GET", "POST"])
@sensitive
@commits
def reference(service: str, record_kind: str) -> ResponseReturnValue:
    """The first question: which record."""
    declared, account = _kind(service, record_kind), current_account()
    draft = find_join_draft(account, declared)
    form = ReferenceForm(reference=draft.reference).worded(declared.kind)
    key = form.tidied(declared.kind) if form.accepted() else None
    if key is None:
        return render("home/join/reference.html", form=form, declared=declared)
    own = find_joined(account, service, key)
    if own is not None and own.kind == record_kind:
        return redirect(url_for(".record", record_id=own.id), 303)
    keep_join_draft(account, declared, draft.with_reference(key))
    return redirect(url_for(".person", service=service, record_kind=record_kind), 303)


@bp.route(f"{KIND}/name", methods=["GET", "POST"])
@sensitive
@commits
def person(service: str, record_kind: str) -> ResponseReturnValue:
    """Name and postcode, filled in from the profile. Sending them is a try."""
    declared, account = _kind(service, record_kind), current_account()
    draft = find_join_draft(account, declared)
    if not draft.reference:
        return redirect(url_for(".reference", service=service, record_kind=record_kind), 303)
    form = PersonForm(**_known(account.id, draft))
    if not form.accepted():
        return render("home/join/person.html", form=form, declared=declared)
    answered = draft.with_person(name=str(form.name.data), postcode=str(form.postcode.data))
    return _on(declared, try_to_join(account, declared, answered))


@bp.route(f"{KIND}/facts/<fact>", methods=["GET", "POST"])
@sensitive
@commits
def fact(service: str, record_kind: str, fact: str) -> ResponseReturnValue:
    """One fact from the bill. The last one that was asked for is a try."""
    declared, account = _kind(service, record_kind), current_account()
    draft, asked = find_join_draft(account, declared), declared.kind.find_fact(fact)
    if asked is None or fact not in draft.asks:
        return redirect(url_for(".reference", service=service, record_kind=record_kind), 303)
    form = fact_form(asked, draft.facts.get(fact, ""))
    answer = answer_of(asked, form) if form.accepted() else None
    if answer is None:
        letter = can_write(declared)
        back = _before(draft, fact)
        return render("home/join/fact.html", form=form, declared=declared, letter=letter, back=back)
    draft = draft.with_fact(fact, answer)
    if draft.next_ask() is None:
        return _on(declared, try_to_join(account, declared, draft))
    keep_join_draft(account, declared, draft)
    return redirect(_next(declared, draft), 303)


@bp.route(f"{KIND}/answer", methods=["GET", "POST"])
@sensitive
@commits
def answer(service: str, record_kind: str) -> ResponseReturnValue:
    """What became of the try when it was not joined, and what to do now. The button tries again with the same."""
    declared, account = _kind(service, record_kind), current_account()
    draft, form = find_join_draft(account, declared), forms.Form()
    if not draft.end:
        return redirect(url_for(".reference", service=service, record_kind=record_kind), 303)
    if form.accepted() and draft.end in ("unavailable", "too_many") and draft.is_complete:
        return _on(declared, try_to_join(account, declared, draft))
    again_at = datetime.fromisoformat(draft.again_at) if draft.again_at else None
    return render(
        "home/join/answer.html",
        form=form,
        declared=declared,
        draft=draft,
        again_at=again_at,
        is_over=again_at is not None and again_at <= clock.now(),
        wrong=wrong_words(draft.wrong),
        facts=_next(declared, draft) if draft.wrong == "facts" and draft.asks else "",
        letter=can_write(declared) and draft.is_complete,
    )


@bp.route(f"{KIND}/letter", methods=["GET", "POST"])
@sensitive
@commits
def letter(service: str, record_kind: str) -> ResponseReturnValue:
    """The other way: a letter with a code. The page says the same whatever was typed."""
    declared, account = _kind(service, record_kind), current_account()
    draft, form = find_join_draft(account, declared), forms.Form()
    if not can_write(declared):
        raise NotFound(_("We cannot send a letter for this."))
    if not draft.is_complete:
        return redirect(url_for(".reference", service=service, record_kind=record_kind), 303)
    if not form.accepted():
        return render("home/join/letter.html", form=form, declared=declared)
    tried = ask_for_letter(account, declared, draft)
    if tried is not None and tried.again_at is not None:
        kept = replace(draft, end="letters", again_at=tried.again_at.isoformat())
        keep_join_draft(account, declared, kept)
        return redirect(url_for(".answer", service=service, record_kind=record_kind), 303)
    return redirect(url_for(".letter_asked", service=service, record_kind=record_kind), 303)


@bp.get(f"{KIND}/letter/asked")
@sensitive
def letter_asked(service: str, record_kind: str) -> str:
    """What happens next."""
    return render("home/join/letter_asked.html", declared=_kind(service, record_kind))


@bp.route("/code", methods=["GET", "POST"])
@sensitive
@commits
def code() -> ResponseReturnValue:
    """The code from a letter or a caseworker."""
    form, again_at = CodeForm(), None
    if form.accepted():
        tried = join_by_code(current_account(), str(form.code.data))
        if tried is not None and tried.joined is not None:
            return redirect(url_for(".record", record_id=tried.joined.id), 303)
        if tried is not None and tried.end == "taken":
            return redirect(url_for(".taken"), 303)
        again_at = tried.again_at if tried is not None else None
        if again_at is None:
            form.refuse(_("This code does not work. Check it, or ask for a new one."), "code")
    return render("home/join/code.html", form=form, again_at=again_at)


@bp.get("/taken")
@sensitive
def taken() -> str:
    """Somebody has it in another account. Which one is said to nobody."""
    return render("home/join/taken.html")


@bp.get(RECORD)
@sensitive
def record(record_id: uuid.UUID) -> str:
    """A record that is in the account, and where to go from here."""
    return render("home/join/record.html", record=shown(_own(record_id)))


@bp.route(f"{RECORD}/remove", methods=["GET", "POST"])
@sensitive
@commits
def remove(record_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more, then let it go."""
    joined, form = _own(record_id), forms.Form()
    if form.accepted():
        leave_record(current_account(), service=joined.service, kind=joined.kind, key=joined.key)
        notify_next(_("It is no longer in your account"))
        return redirect(url_for(".records"), 303)
    return render("home/join/remove.html", form=form, record=shown(joined))


def _kind(service: str, code: str) -> Declared:
    """Raises NotFound, and ServiceOff where the service is switched off."""
    declared = get_kind(service, code)
    refuse_when_off(service)
    return declared


def _own(record_id: uuid.UUID) -> JoinedRecord:
    """Raises NotFound, alike when there is none and when it is somebody else's."""
    found = next((each for each in all_joined(current_account().id) if each.id == record_id), None)
    if found is None:
        raise NotFound(_("There is nothing here, or it is not in your account."))
    return found


def _known(account_id: uuid.UUID, draft: JoinDraft) -> dict[str, str]:
    """What they have answered before, or else what their profile says."""
    profile = get_profile(account_id)
    home = profile.address("home")
    return {
        "name": draft.name or profile.full_name,
        "postcode": draft.postcode or (home.postcode if home else ""),
    }


def _on(declared: Declared, tried: Tried) -> ResponseReturnValue:
    """Where a try leads."""
    if tried.joined is not None:
        return redirect(url_for(".record", record_id=tried.joined.id), 303)
    if tried.end == "ask_more":
        return redirect(_next(declared, find_join_draft(current_account(), declared)), 303)
    if tried.end == "taken":
        return redirect(url_for(".taken"), 303)
    return redirect(url_for(".answer", service=declared.service, record_kind=declared.kind.code), 303)


def _next(declared: Declared, draft: JoinDraft) -> str:
    """The page of the first fact that is yet to be answered."""
    code = draft.next_ask() or draft.asks[0]
    return url_for(".fact", service=declared.service, record_kind=declared.kind.code, fact=code)


def _before(draft: JoinDraft, code: str) -> str | None:
    """The fact that was asked before this one; None for the first."""
    at = draft.asks.index(code)
    return draft.asks[at - 1] if at else None
