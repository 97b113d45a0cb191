"""What a folder of `huggingface` has for trainers parses, compiles, and reads the rows of the folder."""

import ast
import importlib.util
import json
import sys
import uuid
from types import ModuleType, SimpleNamespace

import pyarrow.parquet as pq
import pytest
import yaml

from exports.batches import storage
from exports.choices import ColumnKind
from exports.formats import FORMATS, trainers
from tests.exports.formats import llamafactory
from tests.exports.packages import package, table
from tests.feedback.conversations.test_training_forms import tokenizer_with

ASK, ANSWER = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
CALL = {"id": "c1", "type": "function", "function": {"name": "greet", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
MESSAGES = ColumnKind.MESSAGES
PAIRS = {"prompt": MESSAGES, "chosen": MESSAGES, "rejected": MESSAGES}
LABELLED = {"prompt": MESSAGES, "completion": MESSAGES, "label": ColumnKind.FLAG}
# Of https://docs.axolotl.ai/docs/config-reference.html
DATASET_KEYS = {
    "path",
    "ds_type",
    "data_files",
    "split",
    "type",
    "field_messages",
    "field_chosen",
    "field_rejected",
    "roles",
    "roles_to_train",
}
SETTINGS = {
    "base_model",
    "datasets",
    "rl",
    "chat_template",
    "sequence_len",
    "micro_batch_size",
    "gradient_accumulation_steps",
    "num_epochs",
    "optimizer",
    "learning_rate",
    "output_dir",
}


def sft(record=None, **options):
    return table([record or {"messages": [ASK, ANSWER], "source": "user_edit"}], **options)


def preference():
    record = {"prompt": [ASK], "chosen": [ANSWER], "rejected": [ANSWER | {"content": "No."}]}
    return table([record], product="preference", columns=PAIRS)


def kto():
    return table([{"prompt": [ASK], "completion": [ANSWER], "label": True}], product="kto", columns=LABELLED)


def names(*tables):
    return [path.removeprefix("trainer_configs/") for path in trainers.of(tables)]


def test_each_product_has_the_files_of_its_trainers():
    of_sft = ["axolotl_sft.yaml", "llamafactory/dataset_info.json", "trl_sft.py", "unsloth_sft.py"]

    assert names(sft()) == of_sft
    assert names(preference()) == ["axolotl_dpo.yaml", "trl_dpo.py"]
    assert names(kto()) == ["trl_kto.py"]
    assert names(sft(), preference(), kto()) == sorted([*of_sft, "axolotl_dpo.yaml", "trl_dpo.py", "trl_kto.py"])


def test_what_a_trainer_cannot_read_has_no_file_for_it():
    last = table([{"prompt": [ASK], "completion": [ANSWER]}], columns=LABELLED)
    strings = table([{"prompt": "Hi", "response": "Hello"}], columns=dict.fromkeys(("prompt", "response"), "text"))

    assert names(last) == ["trl_sft.py", "unsloth_sft.py"]
    assert names(sft({"messages": [ASK, CALLING]})) == ["axolotl_sft.yaml", "trl_sft.py", "unsloth_sft.py"]
    assert names(strings) == []
    assert names(sft(split="validation")) == []


def test_only_a_set_with_validation_rows_is_evaluated():
    assert "eval_dataset" not in trainers.of([sft()])["trainer_configs/trl_sft.py"]
    assert "eval_dataset" in trainers.of([sft(), sft(split="validation")])["trainer_configs/trl_sft.py"]


def test_axolotl_settings_have_its_keys_and_name_files_of_the_folder():
    files = trainers.of([sft(), preference()])

    for name, product, rl, rate in (("sft", "sft", None, 1e-5), ("dpo", "preference", "dpo", 5e-7)):
        settings = yaml.safe_load(files[f"trainer_configs/axolotl_{name}.yaml"])
        (dataset,) = settings["datasets"]
        assert settings.keys() <= SETTINGS
        assert dataset.keys() <= DATASET_KEYS
        assert settings.get("rl") == rl
        assert settings["learning_rate"] == rate
        assert dataset["data_files"] == [f"{product}/train-00000-of-00001.parquet"]


@pytest.fixture
def written(folder):
    """The folder of an export of three products."""
    draft, packed = storage.Draft(uuid.uuid4()), package(sft(), preference(), kto())
    files = FORMATS["huggingface"].write(draft, "weekly", packed)
    FORMATS["huggingface"].check(draft, files, packed, lambda: None)
    draft.publish("weekly")
    return folder / "weekly"


def test_the_registry_of_llamafactory_reads_conversations_that_it_does_not_skip(written):
    place = written / "trainer_configs" / "llamafactory"
    entry = json.loads((place / "dataset_info.json").read_text())["sft"]
    tags = entry["tags"]
    speakers = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}

    for row in pq.read_table(place / entry["file_name"]).to_pylist():
        turns = [
            {"from": speakers[one[tags["role_tag"]]], "value": one[tags["content_tag"]]}
            for one in row[entry["columns"]["messages"]]
        ]
        assert llamafactory.skipped({"conversations": turns}) is None


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("sft", ["messages"]),
        ("dpo", ["prompt", "chosen", "rejected"]),
        ("kto", ["prompt", "completion", "label"]),
    ],
)
def test_scripts_of_trl_read_the_columns_that_the_trainer_knows(written, monkeypatch, name, columns):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(written.parent / "cache"))
    # It reads its settings from the environment when it is imported.
    datasets = importlib.import_module("datasets")
    stand_in = ModuleType("trl")
    for trainer in ("SFT", "DPO", "KTO"):
        setattr(stand_in, f"{trainer}Config", SimpleNamespace)
        setattr(stand_in, f"{trainer}Trainer", SimpleNamespace)
    monkeypatch.setitem(sys.modules, "trl", stand_in)
    spec = importlib.util.spec_from_file_location("script", written / "trainer_configs" / f"trl_{name}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    rows = script.rows("train", str(written))

    assert isinstance(rows, datasets.Dataset)
    assert (rows.column_names, len(rows)) == (columns, 1)


def test_the_script_of_unsloth_is_python(written):
    ast.parse((written / "trainer_configs" / "unsloth_sft.py").read_text())


@pytest.mark.parametrize("template", ["qwen3", "llama3_1"])
def test_trl_writes_every_row_of_the_folder_as_text(written, monkeypatch, template):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(written.parent / "cache"))
    data_utils = pytest.importorskip("trl.data_utils", reason="trl is absent: uv pip install --no-deps trl accelerate")
    tokenizer = tokenizer_with(template)

    for product in ("sft", "preference", "kto"):
        for row in pq.read_table(written / product / "train-00000-of-00001.parquet").to_pylist():
            example = {name: value for name, value in row.items() if name in trainers.COLUMNS}
            assert data_utils.is_conversational(example)
            texts = data_utils.apply_chat_template(data_utils.maybe_extract_prompt(example), tokenizer)
            assert any("Hello" in str(text) for text in texts.values())
