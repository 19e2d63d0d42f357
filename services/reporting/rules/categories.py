"""Which kinds of problem are taken, which one somebody means, and when it is a danger. See `settings/categories.py`."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from portal.kit import Lazy, NotFound, lazy_gettext, settings_of
from portal.kit import gettext as _
from services.reporting.settings.categories import Catalogue, Category, Group, Urgent, WordLists
from services.reporting.settings.reporting import ReportingSettings

Answers = Mapping[str, Any]
"""What the questions of a category were answered with, by their codes: a text, or a list of keys."""
MOST_SUGGESTED: Final = 3
_TITLE_COUNTS, _KEYWORD_COUNTS, _BEGINNING_COUNTS = 3, 2, 1
_SHORTEST_BEGINNING: Final = 4
APART: Final = 4
"""Most words that `…` in a danger stands for: "the lid of the manhole is missing"."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def catalogue() -> Catalogue:
    """All that the council knows as a kind of problem, also what is switched off."""
    return settings_of(ReportingSettings).catalogue


def find_category(code: str) -> Category | None:
    """The category with that code; None for one that was given up, which old reports may still have."""
    return catalogue().by_code.get(code)


def get_category(code: str) -> Category:
    """The category with that code. Raises NotFound."""
    found = find_category(code)
    if found is None:
        raise NotFound(_("We do not know this kind of problem."))
    return found


def title_of(code: str) -> str:
    """What a category is called; its code where it was given up."""
    found = find_category(code)
    return str(found.title) if found else code


def is_taken(category: Category) -> bool:
    """Whether reports of it are taken at the moment."""
    return not category.off and category.code not in settings_of(ReportingSettings).categories_off


def why_not_taken(category: Category) -> Lazy | None:
    """Why a report of this kind is refused at the moment; None when it is taken."""
    if is_taken(category):
        return None
    return lazy_gettext("You cannot report this kind of problem here at the moment. Choose another kind, or ring us")


def offered() -> Sequence[Category]:
    """The categories that are taken at the moment, as they are listed."""
    return [category for category in catalogue().categories if is_taken(category)]


def offered_by_group() -> Sequence[tuple[Group, Sequence[Category]]]:
    """The groups that have a category taken at the moment, each with them."""
    taken = offered()
    grouped = [(group, [each for each in taken if each.group == group.code]) for group in catalogue().groups]
    return [(group, categories) for group, categories in grouped if categories]


def alike(category: Category) -> Sequence[str]:
    """The codes of what neighbours may have reported the same problem as: all categories of its group.

    A hole is a pothole to one and a broken pavement to another. Private ones are never shown to others.
    """
    return alike_in(catalogue(), category)


def alike_in(known: Catalogue, category: Category) -> Sequence[str]:
    """The same among those of a catalogue."""
    return [each.code for each in known.categories if each.group == category.group and not each.private]


def suggest(words: str, among: Iterable[Category], most: int = MOST_SUGGESTED) -> Sequence[Category]:
    """The categories that the words typed may mean, likeliest first; none when nothing in them is known.

    Counted are words of the title, whole keywords in either language, and beginnings of keywords: "flickers" is not a
    keyword, and "flicker" says the same. Of equals the one listed first comes first.
    """
    typed = _words(words)
    text = f" {' '.join(typed)} "
    scores = [(_score(category, text, typed), category) for category in among]
    likely = sorted((each for each in scores if each[0]), key=lambda each: -each[0])
    return [category for _score_, category in likely[:most]]


def is_urgent(category: Category, words: str, answers: Answers) -> bool:
    """Whether what was typed and answered is a danger, for which one telephones instead of reporting it."""
    dangers, text = _dangers(category), f" {_plain(words)} "
    for each in dangers:
        text = _finds(each.harmless).sub(" .", text)
    return any(each.always or bool(_finds(each.triggers).search(text)) or _answered(each, answers) for each in dangers)


def urgent_words(category: Category, telephone: str) -> str:
    """What to do about a danger instead of reporting it; empty where the council knows none."""
    said = next((str(each.words) for each in _dangers(category)), "")
    return said.replace("%(telephone)s", telephone)


def _score(category: Category, text: str, typed: Sequence[str]) -> int:
    titled = {word for title in (category.title.en, category.title.cy) for word in _words(title)}
    score = _TITLE_COUNTS * sum(len(word) >= _SHORTEST_BEGINNING and word in titled for word in set(typed))
    for keyword in map(_plain, category.keywords.both):
        if f" {keyword} " in text:
            score += _KEYWORD_COUNTS * len(keyword.split())
        elif " " not in keyword and any(_begins(word, keyword) for word in typed):
            score += _BEGINNING_COUNTS
    return score


def _begins(word: str, keyword: str) -> bool:
    shorter, longer = sorted((word, keyword), key=len)
    return len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter)


def _dangers(category: Category) -> Sequence[Urgent]:
    """The category's own, and those of all."""
    return [each for each in (category.urgent, catalogue().dangers) if each is not None]


def _answered(urgent: Urgent, answers: Answers) -> bool:
    return any(not set(keys).isdisjoint(_keys(answers.get(code))) for code, keys in urgent.answers.items())


@cache
def _finds(lists: WordLists) -> re.Pattern[str]:
    """What finds one of these phrases in words that stand between spaces; nothing at all where there is none."""
    phrases = "|".join(map(_as_pattern, lists.both)) or "(?!)"
    return re.compile(f"(?:{phrases})(?= )")


def _as_pattern(phrase: str) -> str:
    return "".join(
        f"(?: [^ ]+){{0,{APART}}}" if each == "…" else f" (?:{'|'.join(map(_as_word, each.split('|')))})"
        for each in phrase.split()
    )


def _as_word(word: str) -> str:
    exactly = re.escape(_plain(word))
    return f"{exactly}[^ ]*" if word.endswith("*") else exactly


def _plain(phrase: str) -> str:
    return " ".join(_words(phrase))


def _words(text: str) -> Sequence[str]:
    """The words in small letters, without accents: whoever is in a hurry types `ar dan` for `ar dân`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return [word.replace("’", "'") for word in _WORD.findall(bare)]


def _keys(answer: object) -> set[str]:
    return set(answer) if isinstance(answer, list) else {str(answer)}
