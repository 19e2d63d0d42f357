"""What somebody answered to the questions of a category: checked, and in words. The same for pages and the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from portal.kit import gettext as _
from services.reporting.rules.categories import Answers
from services.reporting.settings.categories import Category, Question

LONGEST_STRING: Final = 255
LONGEST_TEXT: Final = 2000
LARGEST_NUMBER: Final = 10**12


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """Why an answer cannot be taken: the code of its question, and the sentence beside it."""

    code: str
    sentence: str


def check_answers(
    category: Category, given: Mapping[str, str | Sequence[str]]
) -> tuple[dict[str, str | list[str]], Sequence[AnswerFault]]:
    """The answers as they are kept, and every fault in them; what was left empty is not kept.

    `given` is as a form or the API has it: by code a text, or several. An answer to no question of the category is a
    fault too, for nothing that somebody sends may be lost silently.
    """
    kept: dict[str, str | list[str]] = {}
    faults: list[AnswerFault] = []
    for question in category.ordered:
        if not question.variable:
            continue
        answer = _said(given.get(question.code))
        if not answer:
            if question.required:
                sentence = _("Answer the question: %(question)s", question=question.description)
                faults.append(AnswerFault(question.code, sentence))
        elif sentence := _fault(question, answer):
            faults.append(AnswerFault(question.code, sentence))
        else:
            kept[question.code] = answer if question.datatype == "multivaluelist" else answer[0]
    known = {question.code for question in category.questions if question.variable}
    for code in sorted(set(given) - known):
        faults.append(AnswerFault(code[:60], _("There is no such question about this kind of problem")))
    return kept, faults


def in_words(category: Category, answers: Answers) -> Sequence[tuple[str, Sequence[str]]]:
    """Each answered question with its answers, in the reader's language. What the file no longer asks is left out."""
    said = [(question, _said(answers.get(question.code))) for question in category.ordered]
    return [(str(asked.description), [asked.name_of(each) for each in found]) for asked, found in said if found]


def further_answers(category: Category, answers: Answers) -> Sequence[str]:
    """What a program sent along that the category does not ask, as it sent it: for staff."""
    known = {question.code for question in category.questions}
    return [f"{code}: {'; '.join(_said(answer))}" for code, answer in sorted(answers.items()) if code not in known]


def _said(answer: object) -> list[str]:
    """The answers in what was given, without blanks and repeats."""
    several = answer if isinstance(answer, list | tuple) else [answer]
    stripped = (str(each).strip() for each in several if each is not None)
    return list(dict.fromkeys(each for each in stripped if each))


def _fault(question: Question, answer: Sequence[str]) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if question.datatype != "multivaluelist" and len(answer) > 1:
        return _("Give one answer only")
    if question.is_list:
        keys = {value.key for value in question.values}
        return "" if keys.issuperset(answer) else _("Select one of the answers from the list")
    return _fault_of_text(question, answer[0])


def _fault_of_text(question: Question, text: str) -> str:
    longest = LONGEST_TEXT if question.datatype == "text" else LONGEST_STRING
    if len(text) > longest:
        return _("The answer must be %(most)s characters or less", most=longest)
    if "\x00" in text:
        return _("The answer has a character that cannot be kept")
    match question.datatype:
        case "number" if not _is_number(text):
            return _("Enter a number, like 3 or 2.5")
        case "datetime" if not _is_moment(text):
            return _("Enter a day, like 2026-03-27")
    return ""


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < LARGEST_NUMBER  # not a number is less than nothing
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(text)
        except ValueError:
            continue
        return True
    return False
