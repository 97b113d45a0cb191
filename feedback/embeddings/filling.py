"""Fills in the vectors of sampled events. Apart from sampling, so that writers do not load the model."""

from feedback.embeddings import clients
from feedback.models import Embedding, Event

CHUNK = 256


def embed_sample() -> int:
    """Embed the sampled events that have no vector yet; return how many. Safe to run twice at once."""
    client = clients.embedding_client()
    done = 0
    while ids := list(Embedding.objects.missing().values_list("event_id", flat=True)[:CHUNK]):
        texts = dict(Event.objects.filter(id__in=ids).values_list("id", "prompt"))
        vectors = clients.embed([texts.get(event_id, "") for event_id in ids])
        if not vectors.shape[1]:
            return done
        label = f"{client.name} {client.version}"
        Embedding.objects.bulk_update(
            [Embedding(event_id=i, client=label, vector=v) for i, v in zip(ids, vectors, strict=True)],
            ["client", "vector"],
        )
        done += len(ids)
    return done
