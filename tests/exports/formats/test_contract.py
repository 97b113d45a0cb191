"""What every format must do: `Format` says it in words."""

import hashlib

import pytest

from exports.batches import target
from exports.choices import LeftOut
from exports.formats import FORMATS
from exports.formats.base import InvalidFile
from tests.exports.packages import package, table

RECORDS = [
    {
        "messages": [{"role": "user", "content": "é\u2028\n"}, {"role": "assistant", "content": "🙂"}],
        "source": "user_edit",
        "score": 10.0,
        "event_id": "0b39aac7-1aa6-43a2-b1a6-a122bdf63481",
    },
    {
        "messages": [{"role": "user", "content": "How?"}, {"role": "assistant", "content": "So."}],
        "source": "high_quality",
        "score": 0.875,
        "event_id": "0199aaaa-0000-7000-8000-000000000000",
    },
] * 20


@pytest.fixture(params=FORMATS.values(), ids=lambda format: format.name)
def format(request):
    return request.param


def fitted(format):
    return package(table([format.fit("sft", record) for record in RECORDS]))


def written(format, draft, name):
    """The files of the records below a name, and their contents."""
    files = format.write(draft, name, fitted(format))
    return files, {path: draft.open(path).read() for path in files}


def test_the_facts_of_files_match_their_content(format, draft):
    files, contents = written(format, draft, "weekly")

    (name,) = {path.partition("/")[0] for path in files}
    assert name.startswith("weekly")
    assert sum(facts.rows for facts in files.values()) == len(RECORDS)
    assert {path: (facts.bytes, facts.sha256) for path, facts in files.items()} == {
        path: (len(content), hashlib.sha256(content).hexdigest()) for path, content in contents.items()
    }


def test_the_same_records_give_the_same_bytes(format, draft):
    first, _ = written(format, draft, "first")
    second, _ = written(format, draft, "second")

    assert list(first.values()) == list(second.values())


def test_a_check_passes_what_was_written_and_renews_the_lease(format, draft):
    files, _ = written(format, draft, "weekly")
    renewals = []

    format.check(draft, files, fitted(format), lambda: renewals.append(1))

    assert renewals


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content.replace(b"So.", b"No.")])
def test_a_check_finds_a_damaged_file(format, draft, damage):
    files, _ = written(format, draft, "weekly")
    where = target.target()
    for path in where.files.find(where.folder):
        where.files.pipe_file(path, damage(where.files.cat_file(path)))

    with pytest.raises(InvalidFile):
        format.check(draft, files, fitted(format), lambda: None)


def test_a_record_fits_a_format_or_is_excluded_for_a_reason(format):
    found = [format.fit("sft", record) for record in RECORDS]

    assert all(record or isinstance(record, LeftOut) for record in found)
