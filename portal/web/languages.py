"""English and Welsh: which one this request is in, and how a text is found in it.

In a view or a template `_("…")` gives the text at once. At module level or in a class body (labels of form fields,
manifests) the language is not known yet: use `lazy_gettext` there. Variables are named: `_("Hello %(name)s", name=x)`.
A text that is missing from the Welsh catalogue stays English.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Final

from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.messages.pofile import read_po
from flask import g, has_app_context, has_request_context, request
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from portal import clock
from portal.web import cookies

LANGUAGES: Final = {"en": "English", "cy": "Cymraeg"}
DEFAULT: Final = "en"
YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Plural:
    """The forms of one text and the rule, from its catalogue's header, that picks among them."""

    forms: tuple[str, ...]
    rule: Callable[[int], int]

    def pick(self, n: int) -> str:
        """The form that goes with `n`."""
        return self.forms[min(self.rule(n), len(self.forms) - 1)]


_texts: dict[str, dict[str, str | Plural]] = {"cy": {}}
_forced: ContextVar[str | None] = ContextVar("language", default=None)
_LOCALES: Final = {"en": "en_GB", "cy": "cy"}
_SOFTENS: Final = re.compile(
    r"\b(am|ar|at|drwy|hyd|i|o|tan) dydd (?=Llun|Mawrth|Mercher|Iau|Gwener|Sadwrn|Sul)", re.IGNORECASE
)
"""Prepositions that soften what follows (treiglad meddal), before a weekday."""


def add_catalogue(path: Path, language: str = "cy") -> None:
    """Add the texts of a `.po` file. A text that is there already keeps its first translation."""
    if not path.exists():
        return
    texts = _texts.setdefault(language, {})
    for text, translation in _texts_of(path, language).items():
        texts.setdefault(text, translation)


@cache
def _texts_of(path: Path, language: str) -> dict[str, str | Plural]:
    """What a catalogue says. Read once: the applications of one process have the same."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    rule: Callable[[int], int] = c2py(str(catalogue.plural_expr))
    texts: dict[str, str | Plural] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple | list):
            forms = tuple(message.string or ())
            if all(forms):
                texts.setdefault(message.id[0], Plural(forms, rule))
        elif message.string:
            texts.setdefault(str(message.id), str(message.string))
    return texts


def current_language() -> str:
    """The language of this request, or the one forced by `using`; `en` where there is neither."""
    forced = _forced.get()
    if forced:
        return forced
    if has_app_context():
        language: str = g.get("language", DEFAULT)
        return language
    return DEFAULT


@contextmanager
def using(language: str) -> Iterator[None]:
    """Speak this language for a while, whatever the request's is: a message in the resident's own language."""
    token = _forced.set(language if language in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _forced.reset(token)


def gettext(text: str, /, **variables: object) -> str:
    """`text` in the current language, its `%(name)s` filled in. Without variables a `%` is a `%`."""
    found = _texts.get(current_language(), {}).get(text, text)
    chosen = found if isinstance(found, str) else found.forms[0]
    return _filled(chosen, variables) if variables else chosen


def _filled(text: str, variables: dict[str, object]) -> str:
    """The text with its variables. In Welsh a weekday is softened by the word before it: “tan ddydd Mercher”.

    Markup stays Markup.
    """
    filled = text % variables
    if "dydd " not in filled or current_language() != "cy":
        return filled
    return type(filled)(_SOFTENS.sub(r"\1 ddydd ", filled))


def ngettext(one: str, many: str, n: int, /, **variables: object) -> str:
    """The form of the text that goes with the number `n`, which is also the variable `n`."""
    found = _texts.get(current_language(), {}).get(one)
    chosen = found.pick(n) if isinstance(found, Plural) else one if n == 1 else many
    return _filled(chosen, {"n": n, "num": n, **variables})


class Lazy:
    """A text that is looked up each time it is shown, so that it can be written where no language is known yet."""

    __slots__ = ("_text", "_variables")

    def __init__(self, text: str, variables: dict[str, object] | None = None) -> None:
        self._text = text
        self._variables = variables or {}

    def __str__(self) -> str:
        return gettext(self._text, **self._variables)

    def __repr__(self) -> str:
        return f"Lazy({self._text!r})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __mod__(self, values: object) -> str:
        return str.__mod__(str(self), values)

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + str(self)

    def __len__(self) -> int:
        return len(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Lazy | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)


def lazy_gettext(text: str, /, **variables: object) -> Lazy:
    """`text`, looked up when it is shown."""
    return Lazy(text, variables)


_ = gettext


@pass_eval_context
def template_gettext(context: EvalContext, text: str, /, **variables: object) -> str:
    """`_` in templates: the text is ours and may hold markup; the variables are escaped."""
    found = _texts.get(current_language(), {}).get(text, text)
    chosen = found if isinstance(found, str) else found.forms[0]
    safe = Markup(chosen) if context.autoescape else chosen  # noqa: S704  # our own text, never a person's
    return _filled(safe, variables) if variables else safe


@pass_eval_context
def template_ngettext(context: EvalContext, one: str, many: str, n: int, /, **variables: object) -> str:
    """`ngettext` in templates."""
    if not context.autoescape:
        return ngettext(one, many, n, **variables)
    escaped = {name: Markup.escape(value) for name, value in variables.items()}
    return Markup(ngettext(one, many, n, **escaped))  # noqa: S704  # what is filled in has just been escaped


def choose_language() -> None:
    """Before each request: `?lang=cy` wins and is remembered, else the cookie, else English.

    `prefer` may put the account's language in the place of English, once somebody is known to be signed in. What the
    browser says it accepts is not asked: that list is seldom the reader's own choice.
    """
    wanted = request.args.get("lang") if request.query_string else None
    if wanted in LANGUAGES:
        g.language = wanted
        g.language_chosen = True
        if cookies.get("language") != wanted:
            cookies.put("language", wanted, max_age=YEAR)
        return
    remembered = cookies.get("language")
    if remembered in LANGUAGES:
        g.language = remembered
        g.language_chosen = True


def prefer(language: str) -> None:
    """Use the account's language for this request, unless this browser has chosen another."""
    if has_request_context() and language in LANGUAGES and not g.get("language_chosen", False):
        g.language = language


def capital(text: str) -> str:
    """A name as it stands at the start of a sentence or heading: `Your council account`. The rest stays as it is."""
    return text[:1].upper() + text[1:]


def format_date(value: date | datetime, form: str = "d MMMM y") -> str:
    """`7 May 2026`, in the current language; a time is taken in the council's own zone."""
    if isinstance(value, datetime):
        value = value.astimezone(clock.LOCAL).date()
    written = babel_date(value, format=form, locale=_LOCALES[current_language()])
    return written.replace("Dydd ", "dydd ")  # Babel writes Welsh weekdays as if each began a sentence


def format_datetime(value: datetime, form: str | None = None) -> str:
    """`7 May 2026 at 2:05pm`, in the current language and the council's own zone."""
    local = value.astimezone(clock.LOCAL)
    if form is not None:
        return babel_datetime(local, format=form, locale=_LOCALES[current_language()])
    return gettext("%(date)s at %(time)s", date=format_date(local), time=format_time(local))


def format_time(value: datetime) -> str:
    """`2:05pm`, in the council's own zone."""
    local = value.astimezone(clock.LOCAL)
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"
