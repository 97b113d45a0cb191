"""Events and signals that go through ingestion, and sets built from them, for benchmarks of curation."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import NAMESPACE_URL, uuid5

import msgspec
import numpy as np

_ITEMS = 1_000
# Of users who vote, as in `benchmarks.evidence`.
VOTES_EACH = 4


@dataclass
class Traffic:
    """What is sent of one deployment. Ids are counted, so that a run can be repeated."""

    deployment_id: str
    events: list[dict] = field(default_factory=list)
    signals: list[dict] = field(default_factory=list)

    def event(self, prompt: str, response: str, *, version: str = "v1") -> str:
        """Add an event and return its id."""
        event_id = str(uuid5(NAMESPACE_URL, f"{self.deployment_id}/{len(self.events)}"))
        self.events.append(
            {
                "id": event_id,
                "deployment_id": self.deployment_id,
                "model_version_id": version,
                "prompt": prompt,
                "response": response,
                "occurred_at": f"2026-05-04T12:00:00.{len(self.events):06}Z",
            }
        )
        return event_id

    def signal(self, event_id: str, kind: str, user: str, **values) -> None:
        self.signals.append({"event_id": event_id, "type": kind, "user_id": user, **values})

    def votes(self, event_ids: Sequence[str], says_good: np.ndarray, random: np.random.Generator) -> None:
        """Add votes of users who vote VOTES_EACH times. says_good: one row of votes an event, NaN for none."""
        rows, columns = np.nonzero(~np.isnan(says_good))
        users = random.permutation(np.arange(len(rows)) // VOTES_EACH)
        for row, column, user in zip(rows, columns, users, strict=True):
            kind = "thumbs_up" if says_good[row, column] else "thumbs_down"
            self.signal(event_ids[row], kind, f"voter {user}")


def send(traffic: Traffic) -> None:
    """Accept the events and signals, and write them as a writer does."""
    from feedback.choices import ItemKind  # noqa: PLC0415 - needs django.setup
    from feedback.ingestion import accept, stream  # noqa: PLC0415
    from feedback.ingestion.parsing.bodies import RawItem  # noqa: PLC0415
    from feedback.ingestion.writing.writer import Writer  # noqa: PLC0415

    stream.ensure_group()
    writer = Writer()
    for kind, items in ((ItemKind.EVENT, traffic.events), (ItemKind.SIGNAL, traffic.signals)):
        for some in _batches(items):
            receipt = accept.accept([RawItem(at, msgspec.json.encode(item)) for at, item in enumerate(some)], kind)
            if receipt.rejected:
                raise SystemExit(f"Rejected: {receipt.rejected[0]}")
        while stream.backlog().entries:
            writer.step()


def build(deployment_id: str, **wanted):
    """A set built by the task's own function."""
    from curation.sets import building, requesting  # noqa: PLC0415 - needs django.setup

    created = requesting.create(deployment_id, name="measured", by=None, **wanted)
    return building.build(created.pk)


def export(curated_set) -> None:
    """Approve a set, and write and publish its export."""
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs django.setup

    from curation.review import approval  # noqa: PLC0415
    from exports.batches import requesting, writing  # noqa: PLC0415
    from exports.batches.review import approval as exports_approval  # noqa: PLC0415
    from exports.choices import ExportFormat  # noqa: PLC0415

    by, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    approval.approve(curated_set.pk, by=by)
    batch, _ = requesting.request(curated_set.pk, format=ExportFormat.values[0], by=by)
    exports_approval.approve(batch.pk, by=by, queue=False)
    if writing.write(batch.pk).published_at is None:
        raise SystemExit("The export was not published.")


def taken(curated_set) -> dict[tuple[str, bool], set[str]]:
    """The ids of the events of a set by strategy, and whether they wait in the queue."""
    found = defaultdict(set)
    for strategy, reason, event_id in curated_set.examples.values_list("strategy", "queue_reason", "event_id"):
        found[strategy, bool(reason)].add(str(event_id))
    return found


def _batches(items: Iterable[dict]) -> Iterator[list[dict]]:
    source = iter(items)
    while some := list(islice(source, _ITEMS)):
        yield some
