"""Whether texts can be embedded. Loads no client, so the web process may ask."""

from django.conf import settings

NONE = "noop"


def has_embeddings() -> bool:
    return settings.EMBEDDING_CLIENT != NONE
