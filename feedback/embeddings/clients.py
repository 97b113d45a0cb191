"""From texts to vectors, through the client that EMBEDDING_CLIENT names."""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
import wordllama
from django.conf import settings
from django.utils.module_loading import import_string

MAX_CHARACTERS = 500


class EmbeddingClient(Protocol):
    name: str
    version: str

    def embed(self, texts: list[str]) -> np.ndarray:
        """One float32 row for each text: shape (n, d)."""


class WordLlamaClient:
    """Static word embeddings of 256 dimensions, with the weights inside the wheel."""

    name = "wordllama"
    version = version("wordllama")

    def __init__(self):
        self._model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)

    def embed(self, texts: list[str]) -> np.ndarray:
        return self._model.embed(texts)


class NoopClient:
    """No embeddings; features that need them report that there are none."""

    name = "noop"
    version = "1"

    def embed(self, texts: list[str]) -> np.ndarray:
        return np.empty((len(texts), 0), dtype=np.float32)


CLIENTS = {
    "wordllama": "feedback.embeddings.clients.WordLlamaClient",
    "noop": "feedback.embeddings.clients.NoopClient",
}


@cache
def embedding_client() -> EmbeddingClient:
    """The client that EMBEDDING_CLIENT names: a short name or the dotted path of a class."""
    return import_string(CLIENTS.get(settings.EMBEDDING_CLIENT, settings.EMBEDDING_CLIENT))()


def embed(texts: list[str]) -> np.ndarray:
    """Embed texts, cut at MAX_CHARACTERS, as float32 rows of length 1 (a row of zeros stays so): shape (n, d).

    Raises ValueError when the client gives another number of rows than texts, or a value that is not finite.
    """
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # Padding costs as much as text.
    vectors = np.asarray(embedding_client().embed([texts[index][:MAX_CHARACTERS] for index in order]), np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
        raise ValueError(f"{embedding_client().name} gave no {len(texts)} finite rows but shape {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result = np.empty_like(vectors)
    result[order] = vectors / np.where(lengths == 0, 1, lengths)
    return result
