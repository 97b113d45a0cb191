"""Files as data frames, spreadsheets and other programs write them, and the command that loads them."""

import csv
import gzip
import io
import json
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.management import call_command

ASKED = {"prompt": "Where is the key?", "response": "It hangs beside the back door."}
TALK = [
    {"role": "user", "content": "Is it open on Sundays?"},
    {"role": "assistant", "content": "Yes, from ten to four."},
]


def load(path, *maps, deployment="files", **options):
    out = StringIO()
    call_command("load_events", path, deployment=deployment, map=list(maps), stdout=out, **options)
    return out.getvalue()


def write(folder, suffix, rows, name="rows"):
    """A file of these rows; in CSV lists and objects are JSON, and None is an empty cell."""
    path = folder / f"{name}{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    data = (
        _csv(rows)
        if suffix.startswith(".csv")
        else _json(rows, is_array=suffix.startswith(".json.") or suffix == ".json")
    )
    path.write_bytes(gzip.compress(data.encode()) if suffix.endswith(".gz") else data.encode())
    return path


def _csv(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return text.getvalue()


def _cell(value):
    if isinstance(value, list | dict):
        return json.dumps(value)
    return "" if value is None else value


def _json(rows, *, is_array):
    return json.dumps(rows, indent=1) if is_array else "\n".join(json.dumps(row) for row in rows)
