"""Whatever is sent to a field, it answers with a value that is right or with a sentence."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from portal.web import forms
from portal.web.forms import Form
from tests.unit.web.conftest import make_app

HOSTILE = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\u202eevil",
    "\ud800",
    "x" * 10_000,
    "x" * 1_000_000,
    "<script>alert(1)</script>",
    "' or 1=1 --",
    "\N{COMBINING ACUTE ACCENT}" * 400,
    "\uffff",
    "{{ 7*7 }}",
    "%s%s%n",
    "\r\nSet-Cookie: a=b",
]


class Everything(Form):
    name = forms.TextField("Name", required="Enter your name", max_length=50)
    nick = forms.TextField("Nickname", max_length=20)
    email = forms.EmailField("Email address", required="Enter your email address")
    phone = forms.TelephoneField("Phone number")
    postcode = forms.PostcodeField("Postcode")
    born = forms.DateField("Date of birth", required="Enter your date of birth")
    kind = forms.RadioField("Kind", choices=[("a", "A"), ("b", "B", "with a hint")], required="Choose a kind")
    how = forms.CheckboxesField("How", choices=[("x", "X"), ("y", "Y"), ("z", "Z")])
    street = forms.SelectField("Street", choices=[("1", "One"), ("2", "Two")])
    what = forms.TextAreaField("What", max_length=100)
    secret = forms.PasswordField("Password")
    photo = forms.FileField("Photo", max_megabytes=1)
    sure = forms.ConfirmField("I am sure")


FIELDS = [name for name in vars(Everything) if not name.startswith("_")]
RIGHT: dict[str, Any] = {
    "name": "Amina Khan",
    "email": "amina@marlowe.example",
    "born-day": "27",
    "born-month": "3",
    "born-year": "1985",
    "kind": "a",
}


@pytest.fixture(scope="module")
def app() -> Flask:
    """One for all tests here: each would otherwise compile the templates anew."""
    made = make_app()
    made.config["MAX_FORM_MEMORY_SIZE"] = 2_000_000
    return made


@pytest.fixture(autouse=True)
def _in_an_application(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def posted(app: Flask, data: Any, form: type[Form] = Everything, **more: Any) -> Any:
    with app.test_request_context("/", method="POST", data=data, **more):
        made = form()
        made.accepted()
        for field in made:
            assert isinstance(field(), str)
        return made


def errors(app: Flask, field: str, *values: Any) -> list[str]:
    data = MultiDict({**RIGHT, "csrf_token": "x"})
    data.setlist(field, list(values))
    return [str(error) for error in posted(app, data)[field.split("-")[0]].errors]


def test_a_right_form_is_accepted(app: Flask) -> None:
    form = posted(app, RIGHT | {"how": ["z", "x"], "phone": "+44 1632 960 001", "postcode": "aa31ab"})
    assert not form.errors
    assert form.data == {
        "name": "Amina Khan",
        "nick": "",
        "email": "amina@marlowe.example",
        "phone": "01632 960001",
        "postcode": "AA3 1AB",
        "born": date(1985, 3, 27),
        "kind": "a",
        "how": ["x", "z"],
        "street": "",
        "what": "",
        "secret": "",
        "photo": None,
        "sure": False,
    }
    assert form.phone.e164 == "+441632960001"


def test_an_empty_form_names_each_missing_answer_in_the_order_of_the_page(app: Flask) -> None:
    assert posted(app, {}).errors_in_order() == [
        ("name", "Enter your name"),
        ("email", "Enter your email address"),
        ("born-day", "Enter your date of birth"),
        ("kind", "Choose a kind"),
    ]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("field", [*FIELDS, "born-day", "born-month", "born-year"])
def test_hostile_text_ends_in_a_value_or_a_sentence(app: Flask, field: str, value: str) -> None:
    data = MultiDict({**RIGHT, field: value.encode("utf-8", "surrogatepass")})
    form = posted(app, data)
    for one in form:
        for sentence in one.errors:
            assert str(sentence)
        if isinstance(one.data, str) and not one.errors and field != "secret":
            assert "\x00" not in one.data
            one.data.encode()
    assert "<script>" not in form[field.split("-")[0]]()


@pytest.mark.parametrize("field", FIELDS)
def test_a_file_where_a_text_belongs_is_refused_kindly(app: Flask, field: str) -> None:
    data = {**{k: v for k, v in RIGHT.items() if k != field}, field: (io.BytesIO(b"x"), "x.txt")}
    posted(app, data, content_type="multipart/form-data")


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_sent_twice_does_no_harm(app: Flask, field: str) -> None:
    data = MultiDict(RIGHT)
    data.setlist(field, ["a", "b"])
    posted(app, data)


def test_two_different_texts_for_one_field_are_refused(app: Flask) -> None:
    assert errors(app, "name", "Ann", "Bob") == [
        "Name: more than one answer was sent. Check the answer and send it again"
    ]
    assert errors(app, "name", "Ann", "Ann") == []


def test_text_is_stripped_and_normalised(app: Flask) -> None:
    data = RIGHT | {"name": "  Ame\N{COMBINING ACUTE ACCENT}lie\u00a0 \u200bB.\ufeff ", "what": "one\r\ntwo\rthree\n"}
    form = posted(app, data)
    assert form.name.data == "Amélie B."
    assert form.what.data == "one\ntwo\nthree"


def test_text_that_is_too_long_says_how_long_it_may_be(app: Flask) -> None:
    assert errors(app, "name", "x" * 51) == ["Name must be 50 characters or fewer"]
    assert errors(app, "name", "x" * 50) == []


def test_control_characters_are_refused_in_a_line_and_line_ends_kept_in_a_text(app: Flask) -> None:
    sentence = "Name: there are characters that we cannot use. Type your answer again instead of pasting it"
    assert errors(app, "name", "a\x07b") == [sentence]
    assert errors(app, "name", "a\nb") == [sentence]
    assert errors(app, "what", "a\n\tb") == []


def test_a_password_is_kept_as_typed_and_never_shown(app: Flask) -> None:
    form = posted(app, RIGHT | {"secret": "  päss word "})
    assert form.secret.data == "  päss word "
    assert "word" not in str(form.secret()).replace("Password", "").replace("password", "")


@pytest.mark.parametrize("typed", ["a@b", "a b@c.example", "@", "a@", "a@b..example", "a@-b.example"])
def test_an_address_that_cannot_be_one_is_refused(app: Flask, typed: str) -> None:
    assert errors(app, "email", typed) == ["Enter an email address in the correct format, like name@example.com"]


@pytest.mark.parametrize("typed", ["12", "not a number", "0" * 39, "+999 123", "07700 900 982 or home"])
def test_a_number_that_cannot_be_rung_is_refused(app: Flask, typed: str) -> None:
    assert errors(app, "phone", typed) == [
        "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
    ]


@pytest.mark.parametrize(("typed", "read"), [("gl1 2eh", "GL1 2EH"), ("w1a1aa", "W1A 1AA"), ("EC1A-1BB", "EC1A 1BB")])
def test_a_postcode_is_read_however_it_is_spaced(app: Flask, typed: str, read: str) -> None:
    assert posted(app, RIGHT | {"postcode": typed}).postcode.data == read


@pytest.mark.parametrize("typed", ["GL1", "12345", "AA3 1AV", "AAA3 1AB", "1"])
def test_half_a_postcode_is_refused(app: Flask, typed: str) -> None:
    assert errors(app, "postcode", typed) == ["Enter a full UK postcode, like AA3 1AB"]


def test_only_what_was_offered_can_be_chosen(app: Flask) -> None:
    assert errors(app, "kind", "c") == ["Choose a kind"]
    assert errors(app, "street", "3") == ["Select one of the answers"]
    assert errors(app, "how", "x", "q") == ["Select only from the answers shown"]
    assert errors(app, "how", "x", "x") == []


def test_a_choice_is_exactly_what_was_offered(app: Flask) -> None:
    for unseen in ("\x00", "\x7f", "\ufffd", " ", "\u200b"):
        assert errors(app, "kind", f"a{unseen}") == ["Choose a kind"]
        assert errors(app, "street", f"1{unseen}") == ["Select one of the answers"]
        assert errors(app, "how", "x", f"y{unseen}") == ["Select only from the answers shown"]
    assert errors(app, "street", "\x00") == ["Select one of the answers"]


@pytest.mark.parametrize(("field", "label"), [("name", "Name"), ("what", "What"), ("secret", "Password")])
def test_what_stands_for_bytes_that_were_no_text_is_refused(app: Flask, field: str, label: str) -> None:
    sentence = "there are characters that we cannot use. Type your answer again instead of pasting it"
    assert errors(app, field, "a\ufffd") == [f"{label}: {sentence}"]


def test_an_empty_or_too_large_file_is_refused(app: Flask) -> None:
    for content, sentence in (
        (b"", "The file you chose is empty. Choose another"),
        (b"x" * 1_048_577, "The file must be smaller than 1 MB"),
    ):
        with app.test_request_context("/"):
            form = Everything()
            form.process(MultiDict([("photo", FileStorage(io.BytesIO(content), "p.jpg"))]))
            form.validate()
            assert [str(one) for one in form.photo.errors] == [sentence]


def test_no_file_is_no_file(app: Flask) -> None:
    form = posted(app, RIGHT | {"photo": (io.BytesIO(b""), "")}, content_type="multipart/form-data")
    assert form.photo.data is None
    assert not form.errors


def test_unknown_fields_are_passed_over(app: Flask) -> None:
    assert not posted(app, RIGHT | {"is_admin": "1", "name__class__": "x"}).errors


def test_prefill_comes_from_values_or_an_object_and_is_not_judged(app: Flask) -> None:
    class Profile:
        name = "Ann"
        born = date(1990, 1, 2)

    with app.test_request_context("/"):
        form = Everything(Profile(), nick="A")
        assert (form.name.data, form.nick.data, form.born.parts["year"]) == ("Ann", "A", "1990")
        assert not form.accepted()
        assert not form.errors


def test_held_answers_are_shown_and_not_judged(app: Flask) -> None:
    with app.test_request_context("/"):
        forms.hold(MultiDict({"name": "Typed before", "born-day": "31", "born-month": "2", "kind": "zzz"}))
        form = Everything(name="From the profile")
        assert not form.accepted()
        assert 'value="Typed before"' in form.name()
        assert 'value="31"' in form.born()
        assert not form.errors
        assert g.held_form["kind"] == "zzz"


def test_a_form_can_be_refused_after_the_fact(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data=RIGHT):
        form = Everything()
        assert form.accepted()
        form.refuse("This email address is taken", field="email")
        form.refuse("Try again later")
        assert form.errors_in_order() == [(None, "Try again later"), ("email", "This email address is taken")]
        assert "This email address is taken" in form.email()


@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "born-day", "born-month", "born-year"]), st.lists(st.text(max_size=60), max_size=3)
    )
)
def test_no_input_at_all_breaks_a_form(app: Flask, data: dict[str, list[str]]) -> None:
    with app.test_request_context("/"):
        form = Everything()
        sent: MultiDict[str, Any] = MultiDict()
        for name, values in data.items():
            sent.setlist(name, values)
        form.process(sent)
        form.validate()
        for field in form:
            field().encode()


def test_a_choice_of_all_or_none_is_the_only_empty_one_and_is_shown(app: Flask) -> None:
    with app.test_request_context("/"):
        form = Everything()
        form.street.choices = [("", "Every street"), ("1", "One")]
        assert [(item["value"], item["checked"]) for item in form.street.items()] == [("", False), ("1", False)]
        assert "Every street" in form.street()


def test_a_mark_that_nobody_sees_is_dropped_from_what_was_pasted(app: Flask) -> None:
    with app.test_request_context(method="POST", data={**RIGHT, "name": "\u202eAmina\u2069 Khan", "what": "A\u202e b"}):
        form = Everything()
        assert form.accepted(), form.errors
        assert (form.name.data, form.what.data) == ("Amina Khan", "A b")
        assert form.name.shown_value == "Amina Khan"


class Several(forms.Form):
    photos = forms.FilesField("Photos", max_megabytes=1, most=2)


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        ([b"a", b"b"], None),
        ([], None),
        ([b"a", b"b", b"c"], "You can add 2 more files"),
        ([b"a", b""], "p1.jpg: The file you chose is empty. Choose another"),
        ([bytes(1024 * 1024 + 1), b"a"], "p0.jpg: The file must be smaller than 1 MB"),
    ],
    ids=["two", "none", "too many", "one empty", "one too large"],
)
def test_of_several_files_each_that_cannot_be_taken_is_named(
    app: Flask, contents: list[bytes], sentence: str | None
) -> None:
    with app.test_request_context(method="POST"):
        form = Several()
        sent = [FileStorage(io.BytesIO(content), f"p{at}.jpg") for at, content in enumerate(contents)]
        form.process(MultiDict([("photos", file) for file in sent]))
        assert form.accepted() is (sentence is None)
        assert form.errors == ({"photos": [sentence]} if sentence else {})
        assert "multiple" in form.photos()
        assert [file.filename for file in form.photos.data] == [
            file.filename for file in sent if f"{file.filename}:" not in (sentence or "")
        ]
