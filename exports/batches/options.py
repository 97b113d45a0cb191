"""The options of an export: what a request chooses beside the format."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from exports.batches.encodings import ENCODINGS, Encoding
from exports.choices import ExportFormat, ProductName, Profile, Reasoning, Turns
from exports.models import ExportBatch
from exports.products.base import Options, Product

ONLY_NEW = "only_new"
FILTERS = "filters"
_DEFAULTS = asdict(Options())


class InvalidOption(ValueError):
    """An option that the format does not have, or not with this value."""

    def __init__(self, option: str, message: str):
        super().__init__(message)
        self.option = option


def stored(format: str, *, product: str, only_new: bool, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a request that differ from the defaults. Raises InvalidOption."""
    encoding = ENCODINGS[ExportFormat(format)]
    names = [one.name for one in encoding.products]
    if product and product not in names:
        raise InvalidOption("product", f"The format {format} holds {_listed(names)}, not {product}.")
    wanted = Options(**chosen)
    _check(encoding, format, wanted, product)
    found = {name: value for name, value in asdict(wanted).items() if value != _DEFAULTS[name]}
    return found | ({ONLY_NEW: True} if only_new else {})


def _check(encoding: Encoding, format: str, wanted: Options, product: str) -> None:
    if wanted.profile not in encoding.profiles:
        raise InvalidOption("profile", f"The format {format} has no profile {wanted.profile}.")
    products = encoding.chosen(product, wanted.profile)
    for one in products:
        if wanted.profile not in one.profiles:
            raise InvalidOption("product", f"The product {one.name} has no profile {wanted.profile}.")
    if wanted.profile == Profile.CRUCIBLE and wanted.reasoning != Reasoning.DROP:
        raise InvalidOption("reasoning", "The profile crucible has no reasoning.")
    if wanted.turns == Turns.ALL:
        return
    if wanted.profile == Profile.CRUCIBLE:
        raise InvalidOption("turns", "The profile crucible has no turns.")
    if wanted.turns not in encoding.turns:
        raise InvalidOption("turns", f"The format {format} has no records of the last turn alone.")
    if all(one.name != ProductName.SFT for one in products):
        raise InvalidOption("turns", f"Only the product sft has turns to choose, not {products[0].name}.")


def product_of(format: str, product: str) -> str:
    """The product that a request means, "" for all that the format holds."""
    encoding = ENCODINGS[ExportFormat(format)]
    return product or ("" if encoding.holds_all else encoding.products[0].name)


def products(batch: ExportBatch) -> Sequence[Product]:
    """The products that an export holds."""
    return ENCODINGS[batch.format].chosen(batch.product, read(batch.options).profile)


def read(options: Mapping[str, Any]) -> Options:
    """The stored options of an export."""
    known = {field.name for field in fields(Options)}
    return Options(**{name: value for name, value in options.items() if name in known})


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
