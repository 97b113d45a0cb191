"""The product and file format of each export format of the API."""

from dataclasses import dataclass

from exports.choices import ExportFormat, LeftOut, Profile
from exports.formats import FORMATS, jsonl
from exports.formats.base import Format
from exports.products import PRODUCTS
from exports.products.base import Example, Product, Record


@dataclass(frozen=True)
class Encoding:
    product: Product
    format: Format

    @property
    def suffix(self) -> str:
        return self.product.suffix + self.format.suffix

    def records(self, example: Example, profile: Profile) -> list[Record] | LeftOut:
        """The records of an example in this format; an example is exported completely or excluded.

        Whatever is wrong with one example costs no other its row.
        """
        try:
            found = self._fitted(example, profile)
            if not isinstance(found, LeftOut):
                for record in found:
                    jsonl.line(record)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return LeftOut.UNWRITABLE
        return found

    def _fitted(self, example: Example, profile: Profile) -> list[Record] | LeftOut:
        made = self.product.records(example, profile)
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
