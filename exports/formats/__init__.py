"""The formats by name."""

from exports.formats import jsonl

FORMATS = {format.name: format for format in (jsonl.FORMAT,)}
