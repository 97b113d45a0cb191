"""Masking against labelled public texts, read where they lie beside the repository."""

import pytest

from benchmarks import labelled_data, masking

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


def test_each_kind_is_found_in_labelled_texts():
    scores = {line[0]: line[-1] for line in masking.span_lines("pii_presidio_research")}

    assert scores["EMAIL"] == scores["CREDIT_CARD"] == scores["IBAN"] == scores["IP"] == 1.0
    assert scores["SSN"] > 0.98
    assert scores["PHONE"] > 0.97


def test_international_numbers_of_every_region_are_found():
    recalls = {line[0].split()[0]: line[-1] for line in masking.phone_lines()}

    assert recalls["e164"] == recalls["international"] == recalls["rfc3966"] == 1.0
    assert recalls["national"] > 0.95


def test_mathematics_stays_untouched():
    name, _, spans, *_ = next(iter(masking.real_text_lines()))

    assert (name, spans) == ("correctness_gsm8k_models", 0)
