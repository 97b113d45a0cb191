import hashlib
import json
import re
import tracemalloc
import uuid

import pytest

from exports.batches import storage, target
from exports.formats import jsonl

CONTENT = '{"a": "é"}\n{"b": 2}\n'.encode()
FACTS = storage.FileFacts(2, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
MIB = 2**20


def never():
    """Nothing to renew."""


@pytest.fixture
def draft(place):
    return storage.Draft(uuid.uuid4())


@pytest.fixture
def local_draft(folder):
    return storage.Draft(uuid.uuid4())


def read(name):
    with storage.open_published(name) as file:
        return file.read()


def test_a_draft_becomes_visible_whole_and_leaves_nothing_behind(draft, kept):
    assert draft.write_lines("weekly.jsonl", CONTENT.splitlines()) == FACTS
    draft.check_lines("weekly.jsonl", FACTS, problem=jsonl.problem, at_each=never)
    assert [path.partition("/")[0] for path in kept()] == [storage.UNFINISHED]

    draft.publish("weekly.jsonl")
    draft.drop()

    assert kept() == {"weekly.jsonl": len(CONTENT)}
    assert read("weekly.jsonl") == CONTENT
    assert storage.unfinished() == set()


def test_publishing_again_replaces_the_file(draft, kept):
    for content in (b'{"a": 1}', b'{"a": 222}'):
        draft.write_lines("weekly.jsonl", [content])
        draft.publish("weekly.jsonl")

    assert read("weekly.jsonl") == b'{"a": 222}\n'
    assert kept() == {"weekly.jsonl": 11}


def test_a_folder_is_published_in_place_of_the_one_before(draft, kept):
    draft.write_lines("weekly/old.jsonl", [b"{}"])
    draft.publish("weekly")
    draft.write_lines("weekly/data/train.jsonl", CONTENT.splitlines())
    draft.write_lines("weekly/README.md", [b"# Weekly"])

    draft.publish("weekly")
    draft.drop()

    assert kept() == {"weekly/README.md": 9, "weekly/data/train.jsonl": len(CONTENT)}
    assert storage.missing(["weekly/README.md", "weekly/old.jsonl"]) == ["weekly/old.jsonl"]


def test_an_error_while_writing_lines_leaves_nothing_and_is_raised(draft, kept, monkeypatch):
    monkeypatch.setattr(storage, "WRITE_BLOCK_BYTES", 5 * MIB)

    def lines():
        yield b"x" * 6 * MIB
        raise RuntimeError("The database went away.")

    with pytest.raises(RuntimeError, match="The database went away"):
        draft.write_lines("weekly.jsonl", lines())
    draft.drop()

    assert kept() == {}
    assert storage.unfinished() == set()


def test_a_file_larger_than_a_block_is_written_and_read_block_by_block(draft, monkeypatch):
    monkeypatch.setattr(storage, "WRITE_BLOCK_BYTES", 5 * MIB)
    line = json.dumps({"a": "x" * 60_000}).encode()
    number = 32 * MIB // len(line)

    storage.probe()  # What a client needs at its first call is no matter here.
    tracemalloc.start()
    written = draft.write_lines("large.jsonl", (line for _ in range(number)))
    draft.check_lines("large.jsonl", written, problem=jsonl.problem, at_each=never)
    draft.publish("large.jsonl")
    with storage.open_published("large.jsonl") as file:
        size = sum(len(block) for block in iter(lambda: file.read(storage.READ_BLOCK_BYTES), b""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (written.rows, written.bytes, size) == (number, number * (len(line) + 1), written.bytes)
    assert peak < 20 * MIB


def test_removing_takes_a_file_or_folder_and_twice_is_once(draft, kept):
    draft.write_lines("weekly.jsonl", [b"{}"])
    draft.publish("weekly.jsonl")
    draft.write_lines("folder/train.jsonl", [b"{}"])
    draft.publish("folder")

    for name in ("folder", "weekly.jsonl", "weekly.jsonl"):
        storage.remove(name)

    assert kept() == {}
    with pytest.raises(FileNotFoundError):
        read("weekly.jsonl")


def test_a_probe_leaves_nothing(place, kept):
    storage.probe()

    assert kept() == {}


def test_memory_is_a_target_too(settings, kept):
    settings.EXPORT_URL = f"memory://{uuid.uuid4()}"

    storage.probe()
    draft = storage.Draft(uuid.uuid4())
    draft.write_lines("weekly/train.jsonl", CONTENT.splitlines())
    draft.publish("weekly")

    assert kept() == {"weekly/train.jsonl": len(CONTENT)}
    assert read("weekly/train.jsonl") == CONTENT


@pytest.mark.parametrize("separator", ["\u2028", "\u0085"])
def test_only_a_newline_ends_a_line(local_draft, separator):
    line = json.dumps({"a": f"x{separator}y"}, ensure_ascii=False).encode()

    written = local_draft.write_lines("lines", [line] * 2)

    local_draft.check_lines("lines", written, problem=jsonl.problem, at_each=never)


def change(content):
    """Write something else into the one draft than was written by its holder."""
    where = target.target()
    (path,) = where.files.find(where.folder)
    where.files.pipe_file(path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"b": \n', "Line 2 of the written file is not JSON"),
        (b'{"a": 1}\n{"b": 2}', "Line 2 of the written file is not one whole JSON object."),
        (b"[1]\n", "Line 1 of the written file is not one whole JSON object."),
        (b'{"a": NaN}\n', "Line 1 of the written file is not JSON"),
        (b"\n", "Line 1 of the written file is not JSON"),
        (CONTENT.replace(b"2", b"3"), "The file was written as FileFacts(rows=2, bytes=21,"),
        (CONTENT[:12], "The file was written as FileFacts(rows=2, bytes=21,"),
    ],
)
def test_a_file_that_reads_back_differently_is_invalid(local_draft, content, message):
    written = local_draft.write_lines("weekly.jsonl", CONTENT.splitlines())
    change(content)

    with pytest.raises(storage.InvalidFile, match=re.escape(message)):
        local_draft.check_lines("weekly.jsonl", written, problem=jsonl.problem, at_each=never)
