"""How much of what right edits teach a language model is left when three in ten are spoiled: `make bench-loop-lm`.

Learners' sentences are answers, and corrections by people are edits. Of the edits 20 % are vandalised and 10 % are one
edit pasted over many answers. SmolLM2 is fine-tuned with LoRA on the right edits, on the spoiled ones, and on the file
that an export of this program's set holds. The loss is that of a token of right edits of held-out sentences.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import built_sets
from benchmarks.built_sets import Traffic
from benchmarks.edits import Junk
from benchmarks.labelled_data import half, print_table, require_data
from benchmarks.loop import recorded_calls
from benchmarks.rollups import prepared_database

ROOT = Path(__file__).resolve().parents[2]
# The packages of a language model have an environment of their own.
ENVIRONMENT, REQUIREMENTS = Path(".local", "lm"), "benchmarks/requirements-lm.txt"
TORCH = "torch==2.13.0"
DEPLOYMENT = "spoiled-edits"
EDITS, HELD_OUT = 240, 60
VANDALISED, PASTED = 0.2, 0.1
CLEAN, SPOILED, SET = "right edits", "spoiled edits", "set of the spoiled edits"
HEADER = ("trained on", "rows", "loss of a held-out token", "gain", "share of the clean gain", "seconds")
Row = dict[str, str]


def main(edits: int = EDITS) -> None:
    require_data()
    python = _python()
    if python is None:
        print(f"Skipped: the packages of {REQUIREMENTS} are not installed. A build of torch for CPUs is enough:")
        print(f"  python3 -m venv {ENVIRONMENT}")
        print(f"  {ENVIRONMENT}/bin/pip install {TORCH}")
        print(f"  {ENVIRONMENT}/bin/pip install --no-deps -r {REQUIREMENTS}")
        print("or set LM_PYTHON to a Python that has these packages.")
        return
    from django.test.utils import override_settings  # noqa: PLC0415 - most runs end above

    with tempfile.TemporaryDirectory() as folder:
        with prepared_database(), override_settings(EXPORT_URL=f"file://{folder}/exports"):
            arms = _arms(edits)
        held_out = _corrected(HELD_OUT, held_out=True)
        path = Path(folder) / "rows.json"
        path.write_text(json.dumps({"arms": arms, "held_out": held_out}))
        command = [python, str(Path(__file__).with_name("fine_tuning.py")), str(path)]
        quiet = os.environ | {"TQDM_DISABLE": "1", "PYTHONWARNINGS": "ignore"}
        found = json.loads(subprocess.run(command, env=quiet, stdout=subprocess.PIPE, text=True, check=True).stdout)
    base = found.pop("base")["loss"]
    clean = base - found[CLEAN]["loss"]
    lines = [
        (name, len(arms[name]), one["loss"], base - one["loss"], (base - one["loss"]) / clean, one["seconds"])
        for name, one in found.items()
    ]
    print_table("Edits and a language model", HEADER, [("nothing", 0, base, 0.0, 0.0, 0.0), *lines])


def _python() -> str | None:
    """A Python with the packages of a language model."""
    python = os.environ.get("LM_PYTHON", str(ROOT / ENVIRONMENT / "bin" / "python"))
    check = [python, str(Path(__file__).with_name("fine_tuning.py"))]
    try:
        is_there = subprocess.run(check, capture_output=True, check=False).returncode == 0
    except OSError:
        return None
    return python if is_there else None


def _arms(edits: int) -> dict[str, list[Row]]:
    right = _corrected(edits, held_out=False)
    spoiled = _spoiled(right, random.Random(7))
    return {CLEAN: right, SPOILED: spoiled, SET: _selected(right, spoiled)}


def _corrected(most: int, *, held_out: bool) -> list[Row]:
    """Sentences with a correction that changes them."""
    pairs = [
        (row["response"].strip(), row["human_edits"][0].strip())
        for row in half("edits_jfleg_grammar", held_out=held_out)
    ]
    return [
        {"prompt": f"Correct this sentence: {answer}", "answer": answer, "completion": corrected}
        for answer, corrected in pairs
        if answer != corrected
    ][:most]


def _spoiled(right: Sequence[Row], rng: random.Random) -> list[Row]:
    junk = Junk([(row["prompt"], row["answer"]) for row in right], rng)
    numbers = rng.sample(range(len(right)), int((VANDALISED + PASTED) * len(right)))
    vandalised, pasted = set(numbers[: int(VANDALISED * len(right))]), rng.choice(right)["completion"]
    found = list(right)
    for number in numbers:
        edited = _vandalised(right[number], junk) if number in vandalised else pasted
        found[number] = right[number] | {"completion": edited}
    return found


def _vandalised(row: Row, junk: Junk) -> str:
    """An edit that the API takes: one that is not empty and not the answer."""
    kinds = list(junk.kinds.values())
    while not (edited := junk.rng.choice(kinds)(row["prompt"], row["answer"])).strip() or edited == row["answer"]:
        pass
    return edited


def _selected(right: Sequence[Row], spoiled: Sequence[Row]) -> list[Row]:
    """The rows of an export of the set that is built of the spoiled edits, each the edit of another user."""
    traffic = Traffic(DEPLOYMENT)
    for number, (row, edit) in enumerate(zip(right, spoiled, strict=True)):
        event_id = traffic.event(row["prompt"], row["answer"])
        traffic.signal(event_id, "edit", f"editor {number}", edited_response=edit["completion"])
    built_sets.send(traffic)
    curated_set = built_sets.build(DEPLOYMENT, strategies=["user_edit"], limit=len(right))
    recorded_calls.approve(curated_set)
    return [
        {"prompt": row["messages"][0]["content"], "completion": row["messages"][-1]["content"]}
        for row in recorded_calls.exported(curated_set)
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
