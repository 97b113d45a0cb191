from feedback.stores.clickhouse.store import ClickHouseStore

__all__ = ["ClickHouseStore"]
