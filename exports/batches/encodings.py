"""The product and file format of each export format of the API."""

from dataclasses import dataclass

from curation.models import CuratedPair, CuratedSet
from exports.choices import ExportFormat, LeftOut, Profile
from exports.formats import FORMATS, jsonl
from exports.formats.base import Format
from exports.products import PRODUCTS
from exports.products.base import Example, Pair, Product, Record


@dataclass(frozen=True)
class Encoding:
    product: Product
    format: Format

    @property
    def suffix(self) -> str:
        return self.product.suffix + self.format.suffix

    def records(self, row: Example | Pair, profile: Profile) -> list[Record] | LeftOut:
        """The records of an example or a pair in this format; a row is exported completely or excluded.

        Whatever is wrong with one row costs no other its place.
        """
        try:
            found = self._fitted(row, profile)
            if not isinstance(found, LeftOut):
                for record in found:
                    jsonl.line(record)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return LeftOut.UNWRITABLE
        return found

    def reads_pairs(self, curated_set: CuratedSet) -> bool:
        """Whether the rows of a set's file are its pairs; a set from before pairs has none."""
        return self.product.pair_records is not None and curated_set.has_pair_rows

    def _fitted(self, row: Example | Pair, profile: Profile) -> list[Record] | LeftOut:
        of_pairs = self.product.pair_records if isinstance(row, CuratedPair) else None
        made = of_pairs(row, profile) if of_pairs else self.product.records(row, profile)
        if isinstance(made, LeftOut):
            return made
        fitted = []
        for record in made:
            one = self.format.fit(record)
            if isinstance(one, LeftOut):
                return one
            fitted.append(one)
        return fitted


ENCODINGS = {
    ExportFormat.JSONL: Encoding(PRODUCTS["sft"], FORMATS["jsonl"]),
    ExportFormat.PREFERENCE_PAIRS: Encoding(PRODUCTS["preference"], FORMATS["jsonl"]),
}
