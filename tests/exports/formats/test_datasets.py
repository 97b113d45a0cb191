"""Hugging Face's `datasets` loads what formats of columns write."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.choices import ColumnKind
from exports.formats import FORMATS
from exports.formats.base import Package, Table
from tests.exports.packages import SFT, package, table

ROW = {"messages": [{"role": "user", "content": "Hi"}], "source": "diverse", "score": 0.5, "event_id": "2024-01-01"}
OTHER = ROW | {"event_id": "2024-01-02"}
PAIR = {name: [{"role": "assistant", "content": name}] for name in ("prompt", "chosen", "rejected")}
PAIR_COLUMNS = dict.fromkeys(PAIR, ColumnKind.MESSAGES)
STRINGS = {"prompt": "2024-01-01", "response": "=1+1", "source": "user_edit", "score": 10.0}
STRING_COLUMNS = {name: ColumnKind.FLOAT if name == "score" else ColumnKind.TEXT for name in STRINGS}

columnar_formats = pytest.mark.parametrize("name", ["parquet", "huggingface", "arrow"])


@pytest.fixture
def loaded(datasets, draft, tmp_path, folder):
    """Write a package, check it, and load it as a reader would: a data set for each split."""

    def load(name, written, config=None):
        place = f"weekly-{uuid4()}"
        files = FORMATS[name].write(draft, place, written)
        FORMATS[name].check(draft, files, written, lambda: None)
        draft.publish(next(iter(files)).partition("/")[0])
        if name == "arrow":
            return datasets.load_from_disk(str(folder / place))
        if name == "huggingface":
            return datasets.load_dataset(str(folder / place), config)
        paths = {path.removesuffix(".parquet").rpartition("/")[2]: str(folder / path) for path in files}
        return datasets.load_dataset("parquet", data_files=paths if len(paths) > 1 else {"train": [*paths.values()]})

    return load


def rows(split):
    return [without_nulls(row) for row in split]


def without_nulls(value):
    """A column has a null where a record has no value."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", "2024-01-01", "2024-01-01T10:00:00Z", "null", "NaN", "1e400", "\u2028", "\r\n", "\x00", "\ufeff", "=1+1"]
)
calls = st.fixed_dictionaries(
    {"id": texts, "type": st.just("function"), "function": st.fixed_dictionaries({"name": texts, "arguments": texts})}
)
messages = st.one_of(
    st.fixed_dictionaries({"role": texts, "content": texts | st.none()}, optional={"name": texts, "extra": texts}),
    st.fixed_dictionaries({"role": texts, "content": st.none(), "tool_calls": st.lists(calls, max_size=2)}),
    st.fixed_dictionaries({"role": texts, "content": texts, "tool_call_id": texts}),
)
records = st.fixed_dictionaries(
    {
        "messages": st.lists(messages, min_size=1, max_size=3),
        "source": texts,
        "score": st.floats(allow_nan=False, allow_infinity=False),
        "event_id": texts,
    }
)


@columnar_formats
@given(given=st.lists(records, min_size=1, max_size=8))
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_any_record_is_loaded_as_it_was(loaded, name, given):
    fitted = [FORMATS[name].fit("sft", record) for record in given]

    found = loaded(name, package(table(fitted)))

    assert fitted == given
    assert rows(found["train"]) == [without_nulls(record) for record in given]


@columnar_formats
def test_each_split_is_loaded_as_one(loaded, name):
    found = loaded(name, package(table([ROW, OTHER]), table([OTHER], split="validation")))

    assert {split: rows(found[split]) for split in found} == {"train": [ROW, OTHER], "validation": [OTHER]}


@columnar_formats
def test_the_only_split_is_loaded_by_its_name_as_well(loaded, name):
    assert rows(loaded(name, package(table([ROW])))["train"]) == [ROW]


@columnar_formats
def test_records_of_strings_stay_strings(loaded, name):
    found = loaded(name, package(table([STRINGS], columns=STRING_COLUMNS)))["train"]

    assert rows(found) == [STRINGS]
    assert {column: feature.dtype for column, feature in found.features.items()} == {
        "prompt": "string", "response": "string", "source": "string", "score": "float64"
    }  # fmt: skip


@columnar_formats
def test_features_have_the_keys_that_some_message_of_the_product_has(loaded, name):
    keys = frozenset({"tool_calls", "extra", "content", "role", "is_error"})
    lines = table([ROW]).lines
    written = package(Table("sft", "train", 1, SFT, keys, lines))

    features = loaded(name, written)["train"].features["messages"].feature

    assert list(features) == ["role", "content", "tool_calls", "is_error", "extra"]
    assert {key: getattr(feature, "dtype", None) for key, feature in features.items()} == {
        "role": "string", "content": "string", "tool_calls": None, "is_error": "bool", "extra": "string"
    }  # fmt: skip
    assert {key: str(feature) for key, feature in features["tool_calls"].feature.items()} == {
        "id": "Value('string')",
        "type": "Value('string')",
        "function": "{'name': Value('string'), 'arguments': Value('string')}",
    }


def test_each_product_is_a_config_and_the_first_one_the_default(loaded):
    written = Package([table([ROW]), table([PAIR], product="preference", split="test", columns=PAIR_COLUMNS)], {})

    assert rows(loaded("huggingface", written)["train"]) == [ROW]
    assert rows(loaded("huggingface", written, "preference")["test"]) == [PAIR]


def test_an_arrow_folder_has_a_fingerprint_of_its_content(loaded):
    same, other = package(table([ROW])), package(table([OTHER]))

    fingerprints = [loaded("arrow", one)["train"]._fingerprint for one in (same, same, other)]

    assert fingerprints[0] == fingerprints[1] != fingerprints[2]
