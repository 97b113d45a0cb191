"""The products and the file format of each export format of the API."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.models import CuratedPair
from exports.choices import ExportFormat, LeftOut, ProductName, Profile, Turns
from exports.formats import FORMATS, jsonl
from exports.formats.base import Format
from exports.products import PRODUCTS, calls, preference, rules
from exports.products.base import Example, Options, Pair, Product, Record


@dataclass(frozen=True)
class Entry:
    """made: a record as the product made it. record: the same as the format holds it. line: that as JSON."""

    made: Record
    record: Record
    line: bytes


@dataclass(frozen=True)
class Encoding:
    """products: those that can be asked for, the first of them by default, or all with the profile if `holds_all`.
    profiles, turns: the values of these options that the format has. keys: those of records that it writes, or all.
    """

    format: Format
    products: tuple[Product, ...]
    profiles: tuple[Profile, ...] = (Profile.DEFAULT, Profile.CRUCIBLE)
    turns: tuple[Turns, ...] = tuple(Turns)
    keys: tuple[str, ...] | None = None
    holds_all: bool = False

    def chosen(self, name: str, profile: Profile) -> Sequence[Product]:
        """The products of an export for which this product was asked, or none, and this profile."""
        if name:
            return [product for product in self.products if product.name == name]
        if self.holds_all:
            return [product for product in self.products if profile in product.profiles]
        return self.products[:1]

    def records(self, product: Product, row: Example | Pair, options: Options) -> list[Entry] | LeftOut | None:
        """The records of a row in this format; a row is exported completely or excluded. None if the product does not
        read such rows.

        Whatever is wrong with one row costs no other its place.
        """
        try:
            return self._fitted(product, row, options)
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError, RecursionError):
            return LeftOut.UNWRITABLE

    def _fitted(self, product: Product, row: Example | Pair, options: Options) -> list[Entry] | LeftOut | None:
        made = _made(product, row, options)
        if made is None or isinstance(made, LeftOut):
            return made
        fitted, columns = [], product.columns(options)
        for record in made:
            if reason := rules.broken(record, columns):
                return reason
            called = calls.fitted(record, columns, options.renames)
            if isinstance(called, LeftOut):
                return called
            one = self.format.fit(product.name, self._written(called))
            if isinstance(one, LeftOut):
                return one
            fitted.append(Entry(called, one, jsonl.line(one)))
        return fitted

    def _written(self, record: Record) -> Record:
        return record if self.keys is None else {key: record[key] for key in self.keys}


def _made(product: Product, row: Example | Pair, options: Options) -> Sequence[Record] | LeftOut | None:
    if isinstance(row, CuratedPair):
        return product.of_pair(row, options) if product.of_pair else None
    if row.is_queued:
        return product.of_queued(row, options) if product.of_queued else None
    of_example = product.of_example
    if product.of_example_before_pairs and not row.curated_set.has_pair_rows:
        of_example = product.of_example_before_pairs
    return of_example(row, options) if of_example else None


ENCODINGS = {
    ExportFormat.JSONL: Encoding(FORMATS["jsonl"], tuple(PRODUCTS.values())),
    ExportFormat.PARQUET: Encoding(FORMATS["parquet"], tuple(PRODUCTS.values())),
    ExportFormat.HUGGINGFACE: Encoding(FORMATS["huggingface"], tuple(PRODUCTS.values()), holds_all=True),
    ExportFormat.ARROW: Encoding(FORMATS["arrow"], tuple(PRODUCTS.values())),
    ExportFormat.CSV: Encoding(FORMATS["csv"], tuple(PRODUCTS.values())),
    ExportFormat.OPENAI: Encoding(
        FORMATS["openai"], (PRODUCTS[ProductName.SFT], PRODUCTS[ProductName.PREFERENCE]), profiles=(Profile.DEFAULT,)
    ),
    ExportFormat.SHAREGPT: Encoding(
        FORMATS["sharegpt"],
        (PRODUCTS[ProductName.SFT], PRODUCTS[ProductName.PREFERENCE], PRODUCTS[ProductName.KTO]),
        profiles=(Profile.DEFAULT,),
    ),
    ExportFormat.PREFERENCE_PAIRS: Encoding(
        FORMATS["jsonl"], (PRODUCTS[ProductName.PREFERENCE],), keys=preference.SIDES
    ),
    ExportFormat.KTO: Encoding(FORMATS["jsonl"], (PRODUCTS[ProductName.KTO],)),
}
# For forms and the API.
FORMAT_CHOICES = [(format.value, format.label) for format in ENCODINGS]
PRODUCT_CHOICES = [(name, ProductName(name).label) for name in PRODUCTS]
