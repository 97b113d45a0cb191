"""The formats by name."""

from exports.formats import arrow, huggingface, jsonl, parquet

FORMATS = {format.name: format for format in (jsonl.FORMAT, parquet.FORMAT, huggingface.FORMAT, arrow.FORMAT)}
