"""Scripts and settings that train on a folder of `huggingface`: TRL, Unsloth, Axolotl and LLaMA-Factory."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exports.choices import ColumnKind, ProductName
from exports.formats.base import Table

FOLDER = "trainer_configs"
# What trainers read; other columns say where a row comes from.
COLUMNS = ("messages", "prompt", "completion", "chosen", "rejected", "label", "tools")
MODEL = "your/base-model"

_TRAINERS = {ProductName.SFT: "SFT", ProductName.PREFERENCE: "DPO", ProductName.KTO: "KTO"}
_ROLES = {"system": ["system", "developer"], "user": ["user"], "assistant": ["assistant"], "tool": ["tool"]}
_TRL = '''"""Train with the {trainer}Trainer of TRL. Run in the folder of the export: python {folder}/{name}.py"""

from datasets import load_dataset
from trl import {trainer}Config, {trainer}Trainer


def rows(split, folder="."):
    """The rows of a split, with the columns that the trainer reads."""
    return load_dataset(folder, "{product}", split=split).select_columns({columns})


def main():
    trainer = {trainer}Trainer(
        model="{model}",
        args={trainer}Config(output_dir="{product}-model"),
        train_dataset=rows("train"),{evaluation}
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
'''
_UNSLOTH = '''"""Train an adapter with Unsloth. Run in the folder of the export: python {folder}/unsloth_sft.py"""

# Unsloth first: it changes what is imported after it.
from unsloth import FastLanguageModel

from datasets import load_dataset
from trl import SFTConfig, SFTTrainer


def texts(rows, tokenizer):
    """Each conversation as the text that the chat template of the model makes of it."""
    return rows.map(
        lambda row: {{"text": tokenizer.apply_chat_template({conversation}, tokenize=False)}},
        remove_columns=rows.column_names,
    )


def main():
    model, tokenizer = FastLanguageModel.from_pretrained("{model}", max_seq_length=4096, load_in_4bit=True)
    trainer = SFTTrainer(
        model=FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16),
        processing_class=tokenizer,
        args=SFTConfig(output_dir="sft-model", dataset_text_field="text"),
        train_dataset=texts(load_dataset(".", "sft", split="train"), tokenizer),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
'''


def of(tables: Sequence[Table]) -> Mapping[str, str]:
    """The text of each file by its path in the folder of an export with these tables.

    Products of plain strings have none, nor has a product without rows to train on.
    """
    splits: dict[str, list[Table]] = {}
    for table in tables:
        if ColumnKind.MESSAGES in table.columns.values():
            splits.setdefault(table.product, []).append(table)
    files: dict[str, str] = {}
    for product, found in splits.items():
        if product in _TRAINERS and any(one.split == "train" for one in found):
            files |= _trl(product, found)
    if "trl_sft.py" in files:
        files |= _of_conversations(splits[ProductName.SFT])
    if "trl_dpo.py" in files:
        files["axolotl_dpo.yaml"] = _axolotl("dpo", _PAIRS, rl="dpo", learning_rate=5e-7)
    return {f"{FOLDER}/{path}": files[path] for path in sorted(files)}


def _trl(product: str, splits: Sequence[Table]) -> dict[str, str]:
    trainer = _TRAINERS[ProductName(product)]
    name = f"trl_{trainer.lower()}"
    has_validation = any(one.split == "validation" for one in splits)
    text = _TRL.format(
        trainer=trainer,
        folder=FOLDER,
        name=name,
        product=product,
        columns=json.dumps([column for column in COLUMNS if column in splits[0].columns]),
        model=MODEL,
        evaluation='\n        eval_dataset=rows("validation"),' if has_validation else "",
    )
    return {f"{name}.py": text}


def _of_conversations(splits: Sequence[Table]) -> dict[str, str]:
    columns = splits[0].columns
    conversation = 'row["messages"]' if "messages" in columns else 'row["prompt"] + row["completion"]'
    tools = ', tools=row["tools"]' if "tools" in columns else ""
    files = {"unsloth_sft.py": _UNSLOTH.format(folder=FOLDER, conversation=conversation + tools, model=MODEL)}
    if "messages" in columns:
        files["axolotl_sft.yaml"] = _axolotl("sft", _CONVERSATIONS, learning_rate=1e-5)
    # LLaMA-Factory reads calls in another form: the format sharegpt has it.
    if "messages" in columns and not any("tool_calls" in one.message_keys for one in splits):
        files["llamafactory/dataset_info.json"] = json.dumps({"sft": _REGISTERED}, indent=2) + "\n"
    return files


_CONVERSATIONS = {
    "path": "sft",
    "ds_type": "parquet",
    "data_files": ["sft/train-00000-of-00001.parquet"],
    "split": "train",
    "type": "chat_template",
    "field_messages": "messages",
    "roles": _ROLES,
    "roles_to_train": ["assistant"],
}
_PAIRS = {
    "path": "preference",
    "ds_type": "parquet",
    "data_files": ["preference/train-00000-of-00001.parquet"],
    "split": "train",
    "type": "chat_template.default",
    "field_messages": "prompt",
    "field_chosen": "chosen",
    "field_rejected": "rejected",
    "roles": _ROLES,
}
_REGISTERED = {
    "file_name": "../../sft/train-00000-of-00001.parquet",
    "formatting": "sharegpt",
    "columns": {"messages": "messages"},
    "tags": {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "observation_tag": "tool",
        "system_tag": "system",
    },
}


def _axolotl(name: str, dataset: Mapping[str, Any], **settings: Any) -> str:
    """Settings as YAML; JSON is a part of YAML."""
    whole = {
        "base_model": MODEL,
        "datasets": [dataset],
        "chat_template": "tokenizer_default",
        "sequence_len": 4096,
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 8,
        "num_epochs": 1,
        "optimizer": "adamw_torch",
        **settings,
        "output_dir": f"{name}-model",
    }
    # PyYAML reads 5e-07 as a text.
    written = {key: f"{value:.7f}" if isinstance(value, float) else json.dumps(value) for key, value in whole.items()}
    lines = "".join(f"{key}: {value}\n" for key, value in written.items())
    return f"# Run in the folder of the export: axolotl train {FOLDER}/axolotl_{name}.yaml\n{lines}"
