"""What rows are compared by: keys and signatures of their prompts and answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from curation.duplicates.short_texts import ShortRow, short, word_keys
from feedback.signatures import KEY_BYTES, band_keys, exact_key, normalised, signatures

# At this estimated Jaccard similarity of their shingles two texts are near-copies.
THRESHOLD = 0.7
# A key that more rows share says little about any two of them, and comparing them all costs its square.
LARGEST_BUCKET = 200


@dataclass(frozen=True)
class SignedRows:
    """Keys and signatures of n rows; `exact_keys` and `normal_keys` are of prompt and answer together."""

    prompts: np.ndarray
    answers: np.ndarray
    exact_keys: list[bytes]
    normal_keys: list[bytes]
    prompt_keys: list[bytes]
    answer_keys: list[bytes]
    short: list[ShortRow]

    def __len__(self) -> int:
        return len(self.exact_keys)

    def part(self, start: int, stop: int) -> "SignedRows":
        """Rows `start` to `stop`, without the latter."""
        some = slice(start, stop)
        return SignedRows(
            prompts=self.prompts[some],
            answers=self.answers[some],
            exact_keys=self.exact_keys[some],
            normal_keys=self.normal_keys[some],
            prompt_keys=self.prompt_keys[some],
            answer_keys=self.answer_keys[some],
            short=self.short[some],
        )

    @cached_property
    def prompt_bands(self) -> np.ndarray:
        """The keys by which rows with a near-copy of the prompt are found, (n, 32)."""
        return band_keys(self.prompts)

    @cached_property
    def joint_bands(self) -> np.ndarray:
        """The keys by which rows are found of which both prompt and answer are near-copies, (n, 32).

        Where both are, so are their shingles together, whose signature is the minimum of the two. Its keys find such
        rows even if hundreds have the same prompt, or the same answer.
        """
        return band_keys(np.minimum(self.prompts, self.answers))

    def joint_keys(self, at: int) -> list[int]:
        """All keys by which row `at` is found as a whole: its joint bands, and those of its words if it is short."""
        return [*self.joint_bands[at].tolist(), *word_keys(self.short[at])]


def sign(prompts: Sequence[str], answers: Sequence[str]) -> SignedRows:
    """Return what rows are compared by.

    Parameters
    ----------
    prompts, answers : sequence of str
        The texts of n rows, in any order.

    Returns
    -------
    SignedRows
        In that order.

    Raises
    ------
    ValueError
        If there are more prompts than answers or fewer.

    Examples
    --------
    >>> rows = sign(["Where is my invoice?", "where is my invoice"], ["Under Billing.", "Under billing!"])
    >>> len(rows), rows.exact_keys[0] == rows.exact_keys[1], rows.normal_keys[0] == rows.normal_keys[1]
    (2, False, True)
    """
    if len(prompts) != len(answers):
        raise ValueError(f"{len(prompts)} prompts and {len(answers)} answers are no rows.")
    normal_prompts, normal_answers = [normalised(text) for text in prompts], [normalised(text) for text in answers]
    prompt_keys, answer_keys = (
        [exact_key(text) for text in normal_prompts],
        [exact_key(text) for text in normal_answers],
    )
    return SignedRows(
        prompts=signatures(normal_prompts),
        answers=signatures(normal_answers),
        exact_keys=_together([exact_key(text) for text in prompts], [exact_key(text) for text in answers]),
        normal_keys=_together(prompt_keys, answer_keys),
        prompt_keys=prompt_keys,
        answer_keys=answer_keys,
        short=list(zip(map(short, normal_prompts), map(short, normal_answers), strict=True)),
    )


def _together(prompts: list[bytes], answers: list[bytes]) -> list[bytes]:
    pairs = zip(prompts, answers, strict=True)
    return [hashlib.blake2b(prompt + answer, digest_size=KEY_BYTES).digest() for prompt, answer in pairs]
