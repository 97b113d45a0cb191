"""Rows with long arrays of integers, as NumPy arrays from PostgreSQL's binary format, without an object for each."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection
from psycopg import Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

_INT4_ARRAY = 1007
# Dimensions, flags, type, then the length and the lower bound of the one dimension.
_HEADER_BYTES = 20


class _IntegersLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> np.ndarray:
        # Each element is its size and its value, four bytes both; an empty array has no dimension.
        if len(data) <= _HEADER_BYTES:
            return np.empty(0, dtype=np.int64)
        return np.frombuffer(data, dtype=">i4", offset=_HEADER_BYTES)[1::2].astype(np.int64)


def fetch(statement: str, parameters: Mapping[str, Any]) -> list[tuple]:
    """All rows of a statement; columns of type int[] come as int64 arrays."""
    connection.ensure_connection()
    # Django's own cursors put parameters into the text, and such statements answer in text.
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.adapters.register_loader(_INT4_ARRAY, _IntegersLoader)
        cursor.execute(statement, parameters, binary=True)
        rows = cursor.fetchall()
    if connection.queries_logged:
        # So that the query is counted among those of a page.
        connection.queries_log.append({"sql": statement, "time": "0.000"})
    return rows
