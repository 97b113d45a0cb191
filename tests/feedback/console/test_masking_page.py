import pytest
from django.test import Client
from django.urls import reverse

from feedback.console.masking_page import Piece, pieces
from feedback.deployments import configuration
from feedback.deployments.rules import Pattern
from feedback.ingestion.item_types import MAX_TEXT_CHARACTERS
from feedback.masking import mask_text
from tests.factories import DeploymentFactory, UserFactory

PAGE = reverse("admin:masking")
TEXT = "Write to ada@example.org\nor <b>call</b> ORD-42."


@pytest.fixture
def helpdesk(db, operator):
    order = configuration.PatternChanges([Pattern("ORDER", r"ORD-\d+")])
    return configuration.change(DeploymentFactory(id="helpdesk").pk, {}, by=operator, patterns=order)


def test_a_text_is_cut_where_something_was_found():
    assert pieces(TEXT, mask_text(TEXT)) == [
        Piece("Write to ", ""),
        Piece("ada@example.org", "EMAIL"),
        Piece("\nor <b>call</b> ORD-42.", ""),
    ]
    assert pieces("ada@example.org", mask_text("ada@example.org")) == [Piece("ada@example.org", "EMAIL")]
    assert pieces("Hello", mask_text("Hello")) == [Piece("Hello", "")]


@pytest.mark.parametrize(
    ("deployment", "counts", "masked"),
    [
        ("", {"EMAIL": 1}, "Write to [EMAIL]\nor <b>call</b> ORD-42."),
        ("helpdesk", {"EMAIL": 1, "ORDER": 1}, "Write to [EMAIL]\nor <b>call</b> [ORDER]."),
    ],
)
def test_a_text_is_shown_masked_and_as_it_was(console, helpdesk, deployment, counts, masked):
    answer = console.post(PAGE, {"text": TEXT.replace("\n", "\r\n"), "deployment": deployment})

    page = answer.context["page"]
    assert (page.masked, page.counts, page.found, page.marked) == (masked, counts, len(counts), len(counts))
    html = answer.content.decode()
    assert '<mark class="cf-found">ada@example.org<span>EMAIL</span></mark>' in html
    assert "&lt;b&gt;call&lt;/b&gt;" in html
    assert "<b>call" not in html
    assert "no-store" in answer["Cache-Control"]


def test_json_is_shown_with_its_masks_in_quotes(console, helpdesk):
    text = '{"phone": 4155550132, "order": "ORD-42"}'

    page = console.post(PAGE, {"text": text, "deployment": "helpdesk"}).context["page"]

    assert page.masked == '{"phone": "[PHONE]", "order": "[ORDER]"}'
    assert [piece.text for piece in page.pieces if piece.kind] == ["4155550132", "ORD-42"]


@pytest.mark.parametrize(
    ("policy", "note"), [("mask", ""), ("drop", "keeps no texts"), ("off", "stores texts unmasked")]
)
def test_what_the_deployment_does_otherwise_is_reported(console, operator, helpdesk, policy, note):
    configuration.change("helpdesk", {"content_policy": policy}, by=operator)

    said = console.post(PAGE, {"text": "Hello", "deployment": "helpdesk"}).context["page"].note

    assert note in said
    assert bool(note) is bool(said)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a" * MAX_TEXT_CHARACTERS, None),
        ("a" * (MAX_TEXT_CHARACTERS + 1), "A text has at most 1,000,000 characters."),
        ("", "This field is required."),
        ("a\0", "Null characters are not allowed."),
    ],
    ids=["longest", "longer", "empty", "nul"],
)
def test_the_length_of_a_text_is_bounded(console, text, error):
    answer = console.post(PAGE, {"text": text, "deployment": ""})

    assert answer.context["form"].errors.get("text") == ([error] if error else None)
    assert (answer.context["page"] is None) is bool(error)


def test_only_the_first_thousand_finds_are_marked(console):
    answer = console.post(PAGE, {"text": "ada@example.org " * 1_200, "deployment": ""})

    assert (answer.context["page"].found, answer.content.decode().count("<mark")) == (1_200, 1_000)
    assert "Only the first 1,000 of 1,200 are marked." in answer.content.decode()


def test_the_text_appears_nowhere_else(console, caplog, capfd):
    secret = "ada.lovelace@example.org"

    answer = console.post(PAGE, {"text": secret, "deployment": "nobody"})

    assert answer.context["form"].errors.keys() == {"deployment"}
    assert secret not in caplog.text + "".join(capfd.readouterr())


def test_a_text_in_the_address_is_not_read(console):
    assert "ada@example.org" not in console.get(PAGE, {"text": "ada@example.org"}).content.decode()


@pytest.mark.parametrize(("is_staff", "status"), [(True, 200), (False, 302)])
def test_the_page_is_for_staff(client, helpdesk, is_staff, status):
    client.force_login(UserFactory(is_staff=is_staff))

    answer = client.post(PAGE, {"text": "Hello", "deployment": ""})

    assert answer.status_code == status
    if is_staff:
        assert answer.context["form"].fields["deployment"].choices == [("", "Built-in kinds only")]


def test_the_form_needs_its_token(operator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)

    assert client.post(PAGE, {"text": "Hello", "deployment": ""}).status_code == 403
