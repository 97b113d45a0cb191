"""The pattern recognisers of presidio-analyzer, on the same texts; benchmarks/requirements.txt installs them."""

import importlib.util
from collections.abc import Callable
from importlib import metadata

from feedback.masking import Span
from feedback.masking.spans import merge_overlaps

PACKAGE = "presidio-analyzer"
Find = Callable[[str], tuple[Span, ...]]
_KINDS = {
    "EmailRecognizer": "EMAIL",
    "PhoneRecognizer": "PHONE",
    "CreditCardRecognizer": "CREDIT_CARD",
    "UsSsnRecognizer": "SSN",
    "IbanRecognizer": "IBAN",
    "IpRecognizer": "IP",
}
# Presidio gives its loosest patterns at most 0.1 and trusts them only beside a word that its language model finds.
_TRUSTED = 0.3


def is_installed() -> bool:
    return importlib.util.find_spec("presidio_analyzer") is not None


def name() -> str:
    return f"{PACKAGE} {metadata.version(PACKAGE)}"


def finder() -> Find:
    """Return what finds spans with the recognisers themselves, so that no language model is loaded."""
    import tldextract  # noqa: PLC0415 the peer is not always installed
    from presidio_analyzer import predefined_recognizers  # noqa: PLC0415

    # The suffix list that lies in the package, without asking the network for a newer one.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    recognizers = [(getattr(predefined_recognizers, recognizer)(), kind) for recognizer, kind in _KINDS.items()]

    def find(text: str) -> tuple[Span, ...]:
        return tuple(
            span
            for recognizer, kind in recognizers
            for span in merge_overlaps(
                Span(result.start, result.end, kind)
                for result in recognizer.analyze(text, recognizer.supported_entities, None)
                if result.score >= _TRUSTED
            )
        )

    return find
