"""English and Welsh: which one, and what is found in it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from portal.web import languages
from portal.web.languages import Lazy, current_language, gettext, lazy_gettext, ngettext, using
from tests.support.client import Client

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=4; plural=(n==1) ? 0 : (n==2) ? 1 : (n != 8 && n != 11) ? 2 : 3;\\n"

msgid "Test: good morning %(name)s"
msgstr "Prawf: bore da %(name)s"

msgid "Test: %(n)s cat"
msgid_plural "Test: %(n)s cats"
msgstr[0] "Prawf: %(n)s gath"
msgstr[1] "Prawf: %(n)s gath (dwy)"
msgstr[2] "Prawf: %(n)s cath"
msgstr[3] "Prawf: %(n)s o gathod"

msgid "Test: untranslated"
msgstr ""

#, fuzzy
msgid "Test: unsure"
msgstr "Prawf: ansicr"
"""


@pytest.fixture(autouse=True)
def _catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_texts", {"cy": {}})
    (tmp_path / "cy.po").write_text(PO)
    languages.add_catalogue(tmp_path / "cy.po")
    languages.add_catalogue(tmp_path / "not_there.po")


def test_texts_are_found_in_the_language_of_the_moment() -> None:
    assert gettext("Test: good morning %(name)s", name="Ann") == "Test: good morning Ann"
    with using("cy"):
        assert gettext("Test: good morning %(name)s", name="Ann") == "Prawf: bore da Ann"
        assert gettext("Test: untranslated") == "Test: untranslated"
        assert gettext("Test: unsure") == "Test: unsure"
    assert current_language() == "en"


@pytest.mark.parametrize(("n", "welsh"), [(1, "1 gath"), (2, "2 gath (dwy)"), (5, "5 cath"), (8, "8 o gathod")])
def test_welsh_has_four_forms(n: int, welsh: str) -> None:
    assert ngettext("Test: %(n)s cat", "Test: %(n)s cats", n) == f"Test: {n} cat{'s' if n > 1 else ''}"
    with using("cy"):
        assert ngettext("Test: %(n)s cat", "Test: %(n)s cats", n) == f"Prawf: {welsh}"
        assert ngettext("Test: %(n)s dog", "Test: %(n)s dogs", n).startswith("Test:")


def test_a_lazy_text_is_looked_up_when_it_is_shown() -> None:
    text = lazy_gettext("Test: good morning %(name)s", name="Ann")
    assert isinstance(text, Lazy)
    assert (f"{text}!", text + "!", len(text)) == ("Test: good morning Ann!", "Test: good morning Ann!", 22)
    with using("cy"):
        assert str(text) == "Prawf: bore da Ann"
        assert text == "Prawf: bore da Ann"


def test_templates_escape_what_is_put_in_and_not_the_text(app: Flask) -> None:
    source = '{{ _("Test: <b>%(name)s</b> 100%%", name=name) }} {{ _("50% off") }} {{ lazy }}'
    with app.test_request_context("/"):
        html = render_template_string(source, name="<i>", lazy=lazy_gettext("a < b"))
    assert html == "Test: <b>&lt;i&gt;</b> 100% 50% off a &lt; b"


def test_trans_blocks_work(app: Flask) -> None:
    source = (
        "{% trans name=name %}Test: good morning {{ name }}{% endtrans %} "
        "{% trans n=n %}Test: {{ n }} cat{% pluralize %}Test: {{ n }} cats{% endtrans %}"
    )
    with app.test_request_context("/"), using("cy"):
        assert render_template_string(source, name="<Ann>", n=2) == "Prawf: bore da &lt;Ann&gt; Prawf: 2 gath (dwy)"


def test_the_language_is_chosen_by_link_and_remembered(client: Client) -> None:
    client.get("/help")
    assert client.page.root.get("lang") == "en"
    assert client.page.links()["Cymraeg"] == "?lang=cy"
    client.get("/help?lang=cy")
    assert client.page.root.get("lang") == "cy"
    assert "Cyngor Bwrdeistref Marlowe" in client.page.title
    client.get("/cookies")
    assert client.page.root.get("lang") == "cy"
    client.get("/cookies?lang=en")
    client.get("/help")
    assert client.page.root.get("lang") == "en"


@pytest.mark.parametrize("lang", ["fr", "", "cy\x00", "../../etc", "CY", "c" * 5000])
def test_an_unknown_language_is_passed_over(client: Client, lang: str) -> None:
    answer = client.get("/help", query_string={"lang": lang})
    assert client.page.root.get("lang") == "en"
    assert "Set-Cookie" not in answer.headers


def test_the_link_keeps_the_rest_of_the_address(client: Client) -> None:
    client.get("/help?a=1&a=2&lang=cy&b=%26%22%3E")
    assert client.page.links()["English"] == "?a=1&a=2&b=%26%22%3E&lang=en"


def test_the_account_language_yields_to_the_browsers_choice(app: Flask, client: Client) -> None:
    def prefers() -> None:
        languages.prefer("cy")

    app.before_request(prefers)
    client.get("/help")
    assert client.page.root.get("lang") == "cy"
    client.get("/help?lang=en")
    assert client.page.root.get("lang") == "en"
    client.get("/help")
    assert client.page.root.get("lang") == "en"


def test_dates_are_written_in_the_councils_own_zone_and_language() -> None:
    moment = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert languages.format_date(moment) == "2 July 2026"
    assert languages.format_datetime(moment) == "2 July 2026 at 12:30am"
    assert languages.format_datetime(moment, "HH:mm") == "00:30"
    with using("cy"):
        assert languages.format_date(date(2026, 5, 7)) == "7 Mai 2026"


def test_a_welsh_weekday_is_small_within_a_sentence_and_softened_where_it_must_be() -> None:
    with languages.using("cy"):
        day = languages.format_date(date(2026, 11, 25), "EEEE d MMMM")
        assert day == "dydd Mercher 25 Tachwedd"
        assert languages.gettext("tan %(day)s, erbyn %(day)s", day=day) == f"tan d{day}, erbyn {day}"
        assert languages.ngettext("ar %(day)s", "ar %(day)s", 1, day=day) == f"ar d{day}"
    assert languages.gettext("tan %(day)s", day="dydd Mercher") == "tan dydd Mercher", "which English leaves alone"
