"""The formats by name: modules with a SUFFIX and a `row(example, profile)` that gives a dict or LeftOut."""

from exports.choices import ExportFormat
from exports.formats import jsonl, preference_pairs

FORMATS = {ExportFormat.JSONL: jsonl, ExportFormat.PREFERENCE_PAIRS: preference_pairs}
