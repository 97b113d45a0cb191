"""Events and signals from files, through the same accept function as HTTP, in bounded memory, safe to run again."""

from feedback.ingestion.loading.columns import InvalidMapping, parse_constant, parse_mapping
from feedback.ingestion.loading.describing import described, noted
from feedback.ingestion.loading.json_files import json_rows
from feedback.ingestion.loading.loader import ITEMS, Loading, check_mappings, file_rows, prepare
from feedback.ingestion.loading.rows import UnreadableFile

__all__ = [
    "ITEMS",
    "InvalidMapping",
    "Loading",
    "UnreadableFile",
    "check_mappings",
    "described",
    "file_rows",
    "json_rows",
    "noted",
    "parse_constant",
    "parse_mapping",
    "prepare",
]
