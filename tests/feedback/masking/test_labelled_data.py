"""Masking against labelled public texts, read where they lie beside the repository."""

import pytest

from benchmarks import labelled_data, masking

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]
OURS = {"ours": masking.find_ours}


def test_each_kind_is_found_in_labelled_texts():
    scores = {line[:2]: line[-1] for line in masking.score_lines(OURS)}

    research = {kind: score for (dataset, kind), score in scores.items() if dataset == "pii_presidio_research"}
    assert research["EMAIL"] == research["CREDIT_CARD"] == research["IBAN"] == research["IP"] == 1.0
    assert research["SSN"] > 0.98
    assert research["PHONE"] > 0.98
    together = {kind: score for (dataset, kind), score in scores.items() if dataset.startswith("the three")}
    assert min(together[kind] for kind in ("EMAIL", "CREDIT_CARD", "IBAN", "PHONE")) >= 0.97
    assert together["IP"] >= 0.969


def test_international_numbers_of_every_region_are_found():
    recalls = {line[0].split()[0]: line[-1] for line in masking.phone_lines(OURS)}

    assert recalls["e164"] == recalls["international"] == recalls["rfc3966"] == 1.0
    assert recalls["national"] > 0.95


def test_nothing_but_addresses_is_masked_in_real_texts():
    false = {name: count for name, _, _, _, count, *_ in masking.real_lines(OURS)}

    assert false == {"correctness_gsm8k_models": 0, "arena_hard_real_prompts": 0}
