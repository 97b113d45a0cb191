"""When LLaMA-Factory skips a row of ShareGPT, by its data/converter.py with the columns that docs/export-formats.md
registers.
"""

ROLES = {
    "human": "user",
    "gpt": "assistant",
    "observation": "observation",
    "function_call": "function",
    "system": "system",
}


def skipped(row):
    """The warning with which the row is skipped, or None."""
    is_ranking = "chosen" in row
    messages = row["conversations"]
    if messages and messages[0]["from"] == "system":
        messages = messages[1:]
    for index, message in enumerate(messages):
        assert isinstance(message["value"], str)
        if ROLES[message["from"]] not in (("user", "observation"), ("assistant", "function"))[index % 2]:
            return "Invalid role tag"
    if len(messages) % 2 != is_ranking:
        return "Invalid message count"
    if is_ranking and {row["chosen"]["from"], row["rejected"]["from"]} - {"gpt", "function_call"}:
        return "Invalid role tag"
    assert isinstance(row.get("kto_tag", True), bool)
    return None
