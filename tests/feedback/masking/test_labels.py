"""Labels and versions are identifiers: what identifiers look like stays in them, all else is masked."""

import pytest
from hypothesis import given, settings

from feedback.masking import Options, compile_pattern, mask_label, mask_text, mask_value
from tests.feedback.crash_safety.canaries import Canary
from tests.feedback.masking.test_properties import PATTERN_SETS, TEXTS

CARD = "4539148803436467"


@pytest.mark.parametrize(
    "label",
    [
        *("2.0.1.7", "11.3.0.2", "v3.1.0.25-rc1", "helper@3.0.0.9", "2a00:1450::1"),
        *("20250317", "4155552671", "1742169600123", CARD, f"{CARD}{CARD}", "004930901820"),
        *("GB29NWBK60161331926819", "123456789", "415.555.0132", "4539.1488.0343.6467"),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "gpt-4o-2024-08-06",
        "",
    ],
)
def test_identifier_stays_in_a_label(label):
    assert mask_label(label).text == label
    assert mask_label(label).spans == ()


@pytest.mark.parametrize(
    ("label", "masked"),
    [
        ("tel 01711234567", "tel [PHONE]"),
        ("call 4155552671", "call [PHONE]"),
        ("+49 30 901820", "[PHONE]"),
        ("+4930901820", "[PHONE]"),
        ("(415) 555-0132", "[PHONE]"),
        (f"card {CARD}", "card [CREDIT_CARD]"),
        (f"Visa: {CARD}", "Visa: [CREDIT_CARD]"),
        ("4539 1488 0343 6467", "[CREDIT_CARD]"),
        ("iban GB29NWBK60161331926819", "iban [IBAN]"),
        ("GB29 NWBK 6016 1331 9268 19", "[IBAN]"),
        ("ssn 123456789", "ssn [SSN]"),
        ("123-45-6789", "[SSN]"),
        ("run of eve@example.net on 2.0.1.7", "run of [EMAIL] on 2.0.1.7"),
        ("sk-proj-a1b2c3d4e5f6a7b8c9d0e1f2", "[SECRET]"),
        ("password=hunter2!", "password=[SECRET]"),
    ],
)
def test_all_else_is_masked_in_a_label(label, masked):
    assert mask_label(label).text == masked


def test_private_addresses_stay_in_a_label_too():
    assert mask_label("10.0.0.12", options=Options(private_addresses=True)).text == "10.0.0.12"


def test_patterns_of_a_deployment_apply_to_labels():
    host = compile_pattern("HOST", r"\d+\.\d+\.\d+\.\d+")

    assert mask_label("1.0.0.12", patterns=[host]).text == "[HOST]"


def test_secrets_of_every_kind_are_masked_in_a_label_but_an_address():
    canary = Canary("a label", 7)
    address = canary.secrets[5]

    masked = mask_label(canary.text).text

    assert masked == (
        f"{canary.word}: Mail [EMAIL], call [PHONE], ssn [SSN], card [CREDIT_CARD], iban [IBAN], host {address},"
        " key [SECRET]"
    )
    assert [needle for needle in canary.needles() if needle in masked] == [address]


@settings(max_examples=300)
@given(TEXTS, PATTERN_SETS)
def test_masking_a_masked_label_changes_nothing(text, patterns):
    masked = mask_label(text, patterns=patterns)

    assert mask_label(masked.text, patterns=patterns) == type(masked)(masked.text, ())


@settings(max_examples=300)
@given(TEXTS)
def test_nothing_is_masked_in_a_label_that_is_not_masked_in_a_text(text):
    if not mask_text(text).spans:
        assert mask_label(text).spans == ()


@pytest.mark.parametrize(
    "key",
    [
        *("version", "model_version", "app_version", "sdkVersion", "appversion", "model_version_id", "versions"),
        *("build", "build_number", "Build", "release", "firmware"),
    ],
)
def test_version_stays_under_its_key(key):
    assert mask_value({key: "11.3.0.2"}).value == {key: "11.3.0.2"}
    assert mask_value({key: ["11.3.0.2"]}).value == {key: ["11.3.0.2"]}


@pytest.mark.parametrize("key", ["host", "conversion", "build_host", "version_server", "rebuild", "server"])
def test_address_under_another_key_is_masked(key):
    assert mask_value({key: "11.3.0.2"}).value == {key: "[IP]"}


def test_version_key_excuses_nothing_but_addresses():
    value = {"version": f"11.3.0.2 of eve@example.net, {CARD}"}

    assert mask_value(value).value == {"version": "11.3.0.2 of [EMAIL], [CREDIT_CARD]"}


def test_spanish_password_key_tells_what_its_value_is():
    assert mask_value({"contraseña": "correct horse 12"}).value == {"contraseña": "[SECRET]"}
