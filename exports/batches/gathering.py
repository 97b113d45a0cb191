"""Makes the records of a batch, once: they wait in spools, one for each table, until a format reads them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from typing import Self

import structlog
from django.db import connection
from django.db.models import QuerySet

from curation.choices import Split
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.sets import withdrawn
from exports.batches import filters, options
from exports.batches.encodings import ENCODINGS, Entry
from exports.batches.spooling import Spool
from exports.choices import ColumnKind, LeftOut
from exports.formats.base import Record, Table
from exports.models import ExportBatch
from exports.products.base import Product
from exports.products.figures import Figures

log = structlog.get_logger(__name__)
ROWS_PER_QUERY = 500
# Rows without a record that the page of an export lists.
SHOWN = 50
_COPY_ITEMS = "COPY exports_exportitem (batch_id, example_id, pair_id, row_sha256) FROM STDIN"

Row = CuratedExample | CuratedPair


class Gathered:
    """The records of a batch by table, and which rows have none.

    excluded: how many rows are in no table, by reason. left_out: the event and the reason of the first of them; the
    event of a pair is that of its chosen answer. left_out_by_product: how many rows each product excludes, by reason.
    """

    def __init__(self, batch: ExportBatch):
        self.excluded: Counter[str] = Counter()
        self.left_out: list[tuple[str, str]] = []
        self.left_out_by_product: dict[str, Counter[str]] = {}
        self.figures: dict[str, Figures] = {}
        self._batch = batch
        self._encoding = ENCODINGS[batch.format]
        self._options = options.read(batch.options)
        self._products = options.products(batch)
        self._not_new = frozenset(batch.excluded_rows)
        self._filters = batch.options.get("filters", {})
        self._files = ExitStack()
        self._items = self._spool()
        self._spools: dict[tuple[str, str], Spool] = {}
        self._kinds = {product.name: product.columns(self._options) for product in self._products}
        self._columns: dict[str, set[str]] = {product.name: set() for product in self._products}
        self._message_keys: dict[str, set[str]] = {product.name: set() for product in self._products}
        self._seen: dict[str, set[bytes]] = {product.name: set() for product in self._products}
        self._disputed: dict[str, set[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()

    def read(self, progress: Callable[[int, int], None], *, leaves: Callable[[Row], object] = lambda row: None) -> None:
        """Make the records; `progress` is told the rows read and how many there are, and may raise to stop.

        leaves: is told each row that has records.
        """
        read = sources(self._batch.curated_set, self._products)
        done, total = 0, sum(source.count() for source in read)
        progress(done, total)
        for product in self._products:
            if product.label:
                self._disputed[product.name] = self._disputed_of(product, lambda: progress(0, total))
        for rows, objected in self._chunks(read):
            for row in rows:
                if self._add(row, is_withdrawn=row.pk in objected):
                    leaves(row)
            done += len(rows)
            progress(done, total)

    def tables(self) -> list[Table]:
        """The tables in order of products and splits, none of them empty."""
        found = []
        for product in self._products:
            kinds = self._kinds[product.name].items()
            used = {name: kind for name, kind in kinds if name in self._columns[product.name]}
            keys = frozenset(self._message_keys[product.name])
            for split in Split:
                if spool := self._spools.get((product.name, split)):
                    found.append(Table(product.name, split.value, spool.lines, used, keys, spool.__iter__))
        return found

    def save_items(self) -> None:
        """Store which rows are in the files."""
        # Django translates the driver's errors in its own methods only, and COPY is not one of them.
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY_ITEMS) as copy:
            for line in self._items:
                kind, key, digest = line.decode().split()
                example, pair = (key, None) if kind == "example" else (None, key)
                copy.write_row((self._batch.pk, example, pair, digest))

    def _chunks(self, sources: Sequence[QuerySet]) -> Iterator[tuple[list[Row], set[int]]]:
        """The rows, some hundred at a time, and the ids of those of them that may not be trained on."""
        for source in sources:
            unread = source.iterator(chunk_size=ROWS_PER_QUERY)
            while rows := list(islice(unread, ROWS_PER_QUERY)):
                for row in rows:
                    row.curated_set = self._batch.curated_set
                yield rows, withdrawn.among(rows, deployment_id=self._batch.curated_set.deployment_id)

    def _disputed_of(self, product: Product, at_each: Callable[[], None]) -> set[bytes]:
        """The keys of a product whose records have both labels; rows that may not be trained on have no say."""
        labels: dict[bytes, bool] = {}
        disputed = set()
        for rows, objected in self._chunks(sources(self._batch.curated_set, [product])):
            for row in rows:
                is_out = row.pk in objected or not filters.matches(row, self._filters)
                found = None if is_out else self._encoding.records(product, row, self._options)
                for entry in found if isinstance(found, list) else ():
                    key, label = _key(product, entry), product.label(entry.made)
                    if labels.setdefault(key, label) != label:
                        disputed.add(key)
            at_each()
        return disputed

    def _add(self, row: Row, *, is_withdrawn: bool) -> bool:
        """Put the records of a row into its tables; a row is an item once it has some. Return whether it has."""
        digest, reason = hashlib.sha256(), None
        has_records = False
        for product in self._products:
            found = self._records(product, row, is_withdrawn=is_withdrawn)
            if isinstance(found, LeftOut):
                reason = reason or found
                self.left_out_by_product.setdefault(product.name, Counter())[found.value] += 1
                continue
            for entry in found or ():
                digest.update(b"\n" + entry.line if has_records else entry.line)
                has_records = True
                self._note(product, row, entry)
                self._spool_of(product, row.split).add(entry.line)
        if has_records:
            kind = "pair" if isinstance(row, CuratedPair) else "example"
            self._items.add(f"{kind} {row.pk} {digest.hexdigest()}".encode())
        elif reason:
            self._leave_out(row, reason)
        return has_records

    def _records(self, product: Product, row: Row, *, is_withdrawn: bool) -> Sequence[Entry] | LeftOut | None:
        found = self._encoding.records(product, row, self._options)
        if found is not None and row.erased_at:
            return LeftOut.ERASED
        if found is None or isinstance(found, LeftOut):
            return found
        if not filters.matches(row, self._filters):
            return LeftOut.FILTERED
        if is_withdrawn:
            return LeftOut.TRAINING_NOT_ALLOWED
        if row.pk in self._not_new:
            return LeftOut.EXPORTED_BEFORE
        if disputed := self._disputed.get(product.name):
            found = [entry for entry in found if _key(product, entry) not in disputed]
            if not found:
                return LeftOut.BOTH_LABELS
        return self._unseen(product, found) or LeftOut.REPEATED

    def _unseen(self, product: Product, entries: Sequence[Entry]) -> Sequence[Entry]:
        if product.once is None:
            return entries
        new = []
        for entry in entries:
            key = _key(product, entry)
            if key not in self._seen[product.name]:
                self._seen[product.name].add(key)
                new.append(entry)
        return new

    def _note(self, product: Product, row: Row, entry: Entry) -> None:
        self._columns[product.name].update(entry.record)
        self._count(product, row, entry.made)
        kinds, keys = self._kinds[product.name], self._message_keys[product.name]
        for name, value in entry.record.items():
            if kinds.get(name) == ColumnKind.MESSAGES and isinstance(value, list):
                for message in value:
                    keys.update(message)

    def _count(self, product: Product, row: Row, record: Record) -> None:
        figures = self.figures.setdefault(product.name, Figures())
        if product.label:
            figures.labels.add(product.label(record))
        elif product.of_pair and isinstance(row, CuratedPair):
            figures.lengths.add(len(row.chosen), len(row.rejected), row.margin)
        elif product.of_pair:
            figures.lengths.add(len(row.edited_response), len(row.response), None)

    def _leave_out(self, row: Row, reason: LeftOut) -> None:
        self.excluded[reason.value] += 1
        if len(self.left_out) < SHOWN:
            event_id = row.chosen_event_id if isinstance(row, CuratedPair) else row.event_id
            self.left_out.append((str(event_id), reason.value))
        if reason == LeftOut.UNWRITABLE:
            log.warning("row_unwritable", export=self._batch.pk, row=row.pk)

    def _spool_of(self, product: Product, split: str) -> Spool:
        key = (product.name, split)
        if key not in self._spools:
            self._spools[key] = self._spool()
        return self._spools[key]

    def _spool(self) -> Spool:
        return self._files.enter_context(closing(Spool()))


def _key(product: Product, entry: Entry) -> bytes:
    return hashlib.blake2b(repr(product.once(entry.made)).encode(), digest_size=16).digest()


def sources(curated_set: CuratedSet, products: Sequence[Product]) -> list[QuerySet]:
    """The rows of a set that some of these products reads, in order."""
    examples = CuratedExample.objects.filter(curated_set=curated_set).in_order()
    has_pairs = curated_set.has_pair_rows
    found = []
    if any(one.of_example or one.of_example_before_pairs and not has_pairs for one in products):
        found.append(examples.accepted())
    if any(one.of_queued for one in products):
        found.append(examples.queued())
    if has_pairs and any(one.of_pair for one in products):
        found.append(CuratedPair.objects.filter(curated_set=curated_set).released().in_order())
    return found
