"""The tables in ClickHouse, on one server or on every shard of a cluster."""

from dataclasses import dataclass

from feedback.choices import LABEL_FORM
from feedback.stores.clickhouse import literals
from feedback.stores.clickhouse.address import Address

# A row of a list is read with its whole granule, texts included, so granules are small.
_GRANULARITY = "index_granularity = 1024, non_replicated_deduplication_window = 1000"
_TIME = "DateTime64(6, 'UTC')"
# The row that was there first stays.
_FIRST = "UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Micro(now64(6))))"
_LAST = "UInt64 DEFAULT toUInt64(toUnixTimestamp64Micro(now64(6)))"
_LABEL, _TEXT, _NAME = "LowCardinality(String)", "String CODEC(ZSTD(1))", "String CODEC(ZSTD(1))"


@dataclass(frozen=True)
class Table:
    """version: the column whose greatest value marks the row that counts. key: what a row is known by.

    path: of the table for the replicas of a cluster; a rebuilt table needs a new one.
    """

    name: str
    columns: tuple[str, ...]
    key: str
    shard_by: str
    version: str = "version"
    path: str = ""


EVENTS = Table(
    "events",
    (
        f"id {_NAME}",
        f"external_id {_NAME}",
        f"deployment_id {_LABEL}",
        f"model_version_id {_LABEL}",
        f"prompt_version {_LABEL}",
        f"session_hash {_NAME}",
        f"user_hash {_NAME}",
        f"hash_key_id {_LABEL}",
        f"prompt {_TEXT}",
        "messages Nullable(String) CODEC(ZSTD(1))",
        f"response {_TEXT}",
        "response_message Nullable(String) CODEC(ZSTD(1))",
        f"dialect {_LABEL}",
        f"tools_hash {_LABEL}",
        "tools_called Array(LowCardinality(String))",
        "tool_choice Nullable(String) CODEC(ZSTD(1))",
        "response_format Nullable(String) CODEC(ZSTD(1))",
        "prompt_length Nullable(Int32)",
        "response_length Nullable(Int32)",
        "content_dropped Bool",
        "latency_ms Nullable(Float64)",
        "prompt_tokens Nullable(Int32)",
        "completion_tokens Nullable(Int32)",
        "token_count Nullable(Int32)",
        "cost_usd Nullable(Float64)",
        f"finish_reason {_LABEL}",
        f"occurred_at {_TIME} CODEC(Delta, ZSTD(1))",
        f"received_at {_TIME} CODEC(Delta, ZSTD(1))",
        f"experiment {_LABEL}",
        "tags Array(String) CODEC(ZSTD(1))",
        f"trace_id {_NAME}",
        f"span_id {_NAME}",
        "feedback_shown Nullable(Bool)",
        "training_allowed Bool DEFAULT true",
        f"metadata {_TEXT}",
        f"masked {_TEXT}",
        "quality_score Nullable(Float64)",
        f"batch_id {_NAME}",
        f"version {_FIRST}",
        "INDEX by_time occurred_at TYPE minmax GRANULARITY 1",
        "INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 8",
        "INDEX by_user user_hash TYPE bloom_filter(0.001) GRANULARITY 8",
        "INDEX by_external_id external_id TYPE bloom_filter(0.001) GRANULARITY 8",
        "INDEX by_session session_hash TYPE bloom_filter(0.001) GRANULARITY 8",
        "CONSTRAINT quality_score_in_range CHECK quality_score IS NULL OR quality_score BETWEEN 0 AND 1",
    ),
    key="deployment_id, id",
    shard_by="id",
)
SIGNALS = Table(
    "signals",
    (
        f"id {_NAME}",
        "event_id Nullable(String) CODEC(ZSTD(1))",
        f"external_id {_NAME}",
        f"deployment_id {_LABEL}",
        f"session_hash {_NAME}",
        f"type {_LABEL}",
        f"name {_LABEL}",
        "message_index Nullable(Int32)",
        f"slot {_LABEL}",
        "retracted Bool",
        "prompted Nullable(Bool)",
        "value Nullable(String) CODEC(ZSTD(1))",
        f"edited_response {_TEXT}",
        f"comment {_TEXT}",
        f"user_hash {_NAME}",
        f"hash_key_id {_LABEL}",
        "content_dropped Bool",
        f"metadata {_TEXT}",
        f"masked {_TEXT}",
        f"key_prefix {_LABEL}",
        "through_public_key Bool",
        f"occurred_at {_TIME} CODEC(Delta, ZSTD(1))",
        f"received_at {_TIME} CODEC(Delta, ZSTD(1))",
        "waiting Bool",
        "live Bool",
        f"batch_id {_NAME}",
        "version UInt64 DEFAULT 1",
        "INDEX by_time occurred_at TYPE minmax GRANULARITY 1",
        "INDEX by_event event_id TYPE bloom_filter(0.001) GRANULARITY 8",
        "INDEX by_user user_hash TYPE bloom_filter(0.001) GRANULARITY 8",
        "INDEX by_session session_hash TYPE bloom_filter(0.001) GRANULARITY 8",
        "CONSTRAINT has_a_target CHECK isNotNull(event_id) OR external_id != '' OR session_hash != ''",
        "CONSTRAINT edit_has_text CHECK type != 'edit' OR edited_response != '' OR content_dropped OR retracted",
    ),
    key="id",
    shard_by="id",
)
SCORES = Table(
    "scores",
    (
        f"event_id {_NAME}",
        f"assessor {_LABEL}",
        f"name {_LABEL} DEFAULT 'quality'",
        f"profile {_LABEL}",
        "raw Float64 DEFAULT score",
        "score Float64",
        "minimum Float64 DEFAULT 0",
        "maximum Float64 DEFAULT 1",
        f"version {_LABEL}",
        f"checks {_TEXT}",
        f"assessed_at {_TIME} CODEC(Delta, ZSTD(1))",
        f"revision {_LAST}",
        "CONSTRAINT score_in_range CHECK score BETWEEN 0 AND 1",
        "CONSTRAINT has_a_range CHECK minimum < maximum",
        f"CONSTRAINT names_valid CHECK match(assessor, '{LABEL_FORM}') AND match(name, '{LABEL_FORM}')",
    ),
    key="event_id, assessor, name, profile",
    shard_by="event_id",
    version="revision",
    path="scores_by_name",
)
# Numbers rounded to half precision end in zeros, which compress to about half.
EMBEDDINGS = Table(
    "embeddings",
    (
        f"event_id {_NAME}",
        f"field {_LABEL}",
        f"client {_LABEL}",
        "vector Array(Float32) CODEC(ZSTD(1))",
        f"version {_LAST}",
    ),
    key="event_id, field",
    shard_by="event_id",
)
TABLES = (EVENTS, SIGNALS, SCORES, EMBEDDINGS)
SCHEMA_TABLE = "store_schema"


def stored_in(table: Table, address: Address) -> str:
    """The table that holds the rows: in a cluster each shard has one beside the one that spans all."""
    return f"{table.name}_local" if address.cluster else table.name


def on_cluster(address: Address) -> str:
    return f" ON CLUSTER {literals.name(address.cluster)}" if address.cluster else ""


def create(table: Table, address: Address) -> list[str]:
    """The statements that make one table, where it is not there yet."""
    here = stored_in(table, address)
    statement = (
        f"CREATE TABLE IF NOT EXISTS {here}{on_cluster(address)} ({', '.join(table.columns)})"
        f" ENGINE = {_engine(table, address)} ORDER BY ({table.key}) SETTINGS {_GRANULARITY}"
    )
    if not address.cluster:
        return [statement]
    spanning = (
        f"CREATE TABLE IF NOT EXISTS {table.name}{on_cluster(address)} AS {here} ENGINE = Distributed("
        f"{literals.name(address.cluster)}, currentDatabase(), {here}, cityHash64({table.shard_by}))"
    )
    return [statement, spanning]


def create_schema_table(address: Address) -> str:
    """One small table of versions; in a cluster every server has all of it."""
    engine = (
        f"ReplicatedMergeTree('/clickhouse/tables/{{database}}/{SCHEMA_TABLE}', '{{shard}}-{{replica}}')"
        if address.cluster
        else "MergeTree"
    )
    return (
        f"CREATE TABLE IF NOT EXISTS {SCHEMA_TABLE}{on_cluster(address)}"
        f" (version UInt32, applied_at {_TIME} DEFAULT now64(6)) ENGINE = {engine} ORDER BY version"
    )


def _engine(table: Table, address: Address) -> str:
    if not address.cluster:
        return f"ReplacingMergeTree({table.version})"
    place = f"'/clickhouse/tables/{{shard}}/{{database}}/{table.path or table.name}', '{{replica}}'"
    return f"ReplicatedReplacingMergeTree({place}, {table.version})"
