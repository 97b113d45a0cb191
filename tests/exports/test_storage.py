import hashlib
import json
import re

import pytest

from exports import storage


def test_the_folder_is_made_where_the_address_says(folder):
    assert storage.folder() == folder
    assert folder.is_dir()


@pytest.mark.parametrize("url", ["s3://bucket/exports", "/srv/exports", "file://relative"])
def test_an_address_that_is_no_local_folder_is_refused(settings, url):
    settings.EXPORT_URL = url

    with pytest.raises(storage.UnsupportedStorage, match=re.escape(repr(url))):
        storage.folder()


def test_lines_are_read_back_with_their_count_size_and_hash(tmp_path):
    path = tmp_path / "lines"
    content = '{"a": "é"}\n{"b": 2}\n'.encode()

    storage.write_lines(path, content.splitlines())

    assert path.read_bytes() == content
    assert storage.check_lines(path) == storage.FileFacts(2, len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("separator", ["\u2028", "\u0085"])
def test_only_a_newline_ends_a_line(tmp_path, separator):
    path = tmp_path / "lines"

    storage.write_lines(path, [json.dumps({"a": f"x{separator}y"}, ensure_ascii=False).encode()] * 2)

    assert storage.check_lines(path).rows == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"b": \n', "Line 2 of the written file is not JSON"),
        (b'{"a": 1}\n{"b": 2}', "Line 2 of the written file is not one whole JSON object."),
        (b"[1]\n", "Line 1 of the written file is not one whole JSON object."),
        (b'{"a": NaN}\n', "Line 1 of the written file is not JSON"),
        (b"\n", "Line 1 of the written file is not JSON"),
    ],
)
def test_a_line_that_is_not_one_json_object_is_found(tmp_path, content, message):
    path = tmp_path / "lines"
    path.write_bytes(content)

    with pytest.raises(storage.InvalidFile, match=re.escape(message)):
        storage.check_lines(path)
