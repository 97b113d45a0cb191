"""Creates the tables and upgrades them to this version; rejects a database of a newer version or of another
application.
"""

from feedback.stores.base import StoreMisconfigured
from feedback.stores.clickhouse import added_columns, literals, scores_by_name, tables
from feedback.stores.clickhouse.connection import Connection

SCHEMA = 3


def prepare(connection: Connection) -> None:
    version = _version(connection)
    if version is None:
        _reject_foreign_tables(connection)
        connection.command(tables.create_schema_table(connection.address))
        version = 0
    _reject_newer(connection, version)
    if connection.address.cluster and version == SCHEMA:
        _make_on_new_servers(connection)
    for step in range(version, SCHEMA):
        for statement in _STEPS[step](connection):
            connection.command(statement)
        connection.command(f"INSERT INTO {tables.SCHEMA_TABLE} (version) VALUES ({step + 1})")


def check(connection: Connection) -> None:
    version = _version(connection)
    if version is None or version < SCHEMA:
        raise StoreMisconfigured(
            f"The tables in ClickHouse at {connection.address} are missing or older than this version. Run"
            " `manage.py migrate`."
        )
    _reject_newer(connection, version)


def _create_tables(connection: Connection) -> list[str]:
    return [statement for table in tables.TABLES for statement in tables.create(table, connection.address)]


def _make_on_new_servers(connection: Connection) -> None:
    """A cluster may have grown since its tables were made."""
    for statement in [tables.create_schema_table(connection.address), *_create_tables(connection)]:
        connection.command(statement)


# What leads from each version of the tables to the next one.
_STEPS = (_create_tables, scores_by_name.statements, added_columns.statements)


def _version(connection: Connection) -> int | None:
    """0 while the first tables are being created; None if there are none of this program."""
    if tables.SCHEMA_TABLE not in _names(connection):
        return None
    return connection.read(f"SELECT max(version) AS version FROM {tables.SCHEMA_TABLE}")["version"][0].as_py()


def _names(connection: Connection) -> set[str]:
    query = f"SELECT name FROM system.tables WHERE database = {literals.text(connection.address.database)}"
    return set(connection.read(query)["name"].to_pylist())


def _reject_foreign_tables(connection: Connection) -> None:
    ours = {tables.stored_in(table, connection.address) for table in tables.TABLES}
    if foreign := sorted(ours & _names(connection)):
        raise StoreMisconfigured(
            f"The database {connection.address.database} in ClickHouse at {connection.address} has tables "
            f"of another application ({', '.join(foreign)}). Name an empty database in CLICKHOUSE_URL."
        )


def _reject_newer(connection: Connection, version: int) -> None:
    if version > SCHEMA:
        raise StoreMisconfigured(
            f"The tables in ClickHouse at {connection.address} have schema {version}, newer than the {SCHEMA} of this"
            " version. Run the newer version, or name another database in CLICKHOUSE_URL."
        )
