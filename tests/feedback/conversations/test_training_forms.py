"""Traces of tool calls, read and written again, keep the rules of OpenAI and are accepted by TRL's data functions."""

import gzip
import importlib.util
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import labelled_data, tool_names
from feedback.conversations import read
from feedback.conversations.dialects.openai import to_openai
from feedback.tools import sets

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]
TRL = "uv pip install --no-deps trl transformers tokenizers datasets huggingface_hub safetensors dill multiprocess"
FILES = {"clean": 327, "noisy": 327, "schema_drift": 292, "test": 17}
# Of https://platform.openai.com/docs/api-reference/chat/create
ROLES = {"developer", "system", "user", "assistant", "tool"}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def traces(name):
    with gzip.open(labelled_data.data_folder() / tool_names.DATA / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line)["messages"] for line in lines]


def with_results(messages):
    """The same trace, where what a user says after a call is the result of the call."""
    replies = zip([{}, *messages], messages, strict=False)
    return [
        {"role": "tool", "tool_call_id": before["tool_calls"][0]["id"], "content": message["content"]}
        if before.get("tool_calls") and message["role"] == "user"
        else message
        for before, message in replies
    ]


def written(messages):
    return to_openai(read(json.dumps(messages).encode()).messages, fill_content=True)


def declared():
    description = json.loads((labelled_data.data_folder() / tool_names.DATA / "job_description.json").read_text())
    return json.loads(sets.encode(sets.read(json.dumps(description["tools"]))))


def faults(messages):
    """What OpenAI would reject; of a last message, that its calls are not answered is none."""
    for message in messages:
        if message["role"] not in ROLES:
            yield f"role {message['role']}"
        if message["role"] == "assistant" and not message.get("content") and not message.get("tool_calls"):
            yield "an assistant's message without content and calls"
        if message["role"] != "assistant" and not isinstance(message.get("content"), str | list):
            yield "no content"
        yield from (fault for call in message.get("tool_calls", ()) for fault in faults_of_call(call))


def faults_of_call(call):
    if call["type"] != "function" or not call["id"]:
        yield "a call without type or id"
    if not NAME.fullmatch(call["function"]["name"]):
        yield f"name {call['function']['name']}"
    if not isinstance(call["function"]["arguments"], str):
        yield "arguments that are no text"
    elif not isinstance(json.loads(call["function"]["arguments"]), dict):
        yield "arguments that are no object"


def unanswered(messages):
    """Calls before the last message that no message of a tool answers, and answers to no call."""
    for message, reply in pairwise(messages):
        ids = {call["id"] for call in message.get("tool_calls", ())}
        answers = {reply["tool_call_id"]} if reply["role"] == "tool" else set()
        yield from ids ^ answers


@pytest.mark.parametrize("name", FILES)
def test_traces_keep_the_rules_of_openai(name):
    found = [written(messages) for messages in traces(name)]

    assert len(found) == FILES[name]
    assert [fault for messages in found for fault in faults(messages)] == []


@pytest.mark.parametrize("name", FILES)
def test_calls_and_results_are_paired_as_openai_demands(name):
    found = [written(with_results(messages)) for messages in traces(name)]

    assert [fault for messages in found for fault in faults(messages)] == []
    assert [call_id for messages in found for call_id in unanswered(messages)] == []
    assert sum(message["role"] == "tool" for messages in found for message in messages) > 2 * len(found)


@pytest.fixture
def render(monkeypatch):
    """What TRL makes of messages with a template."""
    if importlib.util.find_spec("trl") is None:
        pytest.skip(f"trl is absent: {TRL}")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    data_utils = importlib.import_module("trl.data_utils")

    def render(messages, tokenizer):
        example = {"messages": messages, "tools": declared()}
        assert data_utils.is_conversational(example)
        return data_utils.apply_chat_template(example, tokenizer)["text"]

    return render


# Most templates take arguments as objects alone.
@pytest.mark.parametrize("template", ["qwen3", "qwen3_8", "llama3_1", "glm4moe", "gptoss", "gemma4"])
@pytest.mark.parametrize("name", FILES)
def test_trl_writes_every_call_of_the_traces(render, name, template):
    tokenizer = tokenizer_with(template)

    for messages in map(with_results, traces(name)):
        text = render(with_objects(written(messages)), tokenizer)

        called = [call["function"]["name"] for one in messages for call in one.get("tool_calls", ())]
        assert called
        assert [call for call in called if call not in text] == []


@pytest.mark.parametrize("name", FILES)
def test_a_template_that_takes_arguments_as_text_makes_the_same_of_them(render, name):
    tokenizer = tokenizer_with("qwen3")

    for messages in map(written, traces(name)):
        assert render(messages, tokenizer) == render(with_objects(messages), tokenizer)


def with_objects(messages):
    """The messages with the arguments of their calls as objects."""
    found = json.loads(json.dumps(messages))
    for call in (call for message in found for call in message.get("tool_calls", ())):
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return found


def tokenizer_with(template):
    """A tokenizer of no words with a template that TRL brings along."""
    tokenizers, transformers = (importlib.import_module(name) for name in ("tokenizers", "transformers"))
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]")
    folder = Path(importlib.util.find_spec("trl").origin).parent / "chat_templates"
    tokenizer.chat_template = (folder / f"{template}.jinja").read_text()
    return tokenizer
