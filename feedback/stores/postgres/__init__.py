from feedback.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
