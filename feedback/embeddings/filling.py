"""Embeds the texts of sampled events. Apart from sampling, so that writers do not load the model."""

import pyarrow as pa

from feedback.choices import EmbeddedField
from feedback.embeddings import clients
from feedback.models import SampledEvent
from feedback.stores import event_store, schema
from feedback.stores.base import EventFilter

CHUNK = 256
COLUMNS = ["id", *EmbeddedField.values]


def embed_sample() -> int:
    """Embed the sampled events that have no vectors yet; return how many. Safe to run twice at once."""
    client = clients.embedding_client()
    label = f"{client.name} {client.version}"
    _remove_former()
    done = 0
    while ids := list(SampledEvent.objects.to_embed().values_list("event_id", flat=True)[:CHUNK]):
        events = event_store().scan(EventFilter(ids=ids), COLUMNS).read_all()
        vectors = {field: clients.embed(events[field].to_pylist()) for field in EmbeddedField.values}
        if len(events) and not vectors[EmbeddedField.PROMPT].shape[1]:
            return done
        for field, rows in vectors.items():
            event_store().append_embeddings(_table(events["id"], field, label, rows))
        found = SampledEvent.objects.filter(pk__in=events["id"].to_pylist())
        done += found.update(client=label)
        # Events no longer in the store have no texts to embed.
        SampledEvent.objects.to_embed().filter(pk__in=ids).delete()
    return done


def _table(event_ids, field: EmbeddedField, label: str, vectors) -> pa.Table:
    n = len(event_ids)
    columns = [event_ids, pa.array([field] * n, pa.string()), pa.array([label] * n, pa.string()), list(vectors)]
    columns[3] = pa.array(columns[3], schema.EMBEDDING.field("vector").type)
    return pa.table(columns, schema=schema.EMBEDDING)


def _remove_former() -> None:
    """Remove the vectors of events that left the sample."""
    while ids := list(SampledEvent.objects.former().values_list("pk", flat=True)[:CHUNK]):
        event_store().remove_embeddings(ids)
        SampledEvent.objects.former().filter(pk__in=ids).delete()
