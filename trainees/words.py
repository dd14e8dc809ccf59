"""An index of the words of names, so that a search reads what it finds and not the whole table.

PostgreSQL has it as an index over `search_key`; SQLite as an FTS5 table beside the model's, kept by triggers.
`HasWords` (trainees.fields) asks either. It is put in place after each `migrate`, because SQLite drops the
triggers of a table that a migration rebuilds; where one was missing, the index is made anew.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection

TABLES = ("trainees_trainee", "admissions_application", "certificates_certificate")  # each has a `search_key`
PART = 500
COMMON = 10_000  # rows that have a word; of fewer, to look each up costs less than to look at those of another filter


def index_words(**kwargs: object) -> None:
    """Put the index of words of each table in place."""
    existing = set(connection.introspection.table_names())
    for table in TABLES:
        if table in existing:
            _on_sqlite(table) if connection.vendor == "sqlite" else _on_postgresql(table)


def are_common(model: Any, words: Iterable[str]) -> bool:
    """Tell whether very many rows of a model have all of these words; of SQLite by one query, a millisecond.

    PostgreSQL is not asked: it weighs its indexes itself. SQLite knows nothing of what FTS5 will find, and would look
    up every row of it before any other filter.
    """
    if connection.vendor != "sqlite":
        return False
    table = f"{model._meta.db_table}_words"
    found = f"SELECT rowid FROM {table} WHERE {table} MATCH %s LIMIT {COMMON + 1}"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({found})", [match_of(words)])  # noqa: S608
        return bool(cursor.fetchone()[0] > COMMON)


def match_of(words: Iterable[str]) -> str:
    """Return what FTS5 is asked for rows that have a word beginning with each of these."""
    return " ".join(f'"{word}"*' for word in words)


def renew_keys(model: Any) -> None:
    """Write the keys that are not what the rules make of their names today; for a migration when the rules change."""
    field = model._meta.get_field("search_key")
    wrong = []
    for row in model.objects.only("pk", "search_key", *field.of).iterator(chunk_size=PART):
        if row.search_key != (key := field.make_key(row)):
            row.search_key = key
            wrong.append(row)
    model.objects.bulk_update(wrong, ["search_key"], batch_size=PART)


def _on_postgresql(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {table}_words ON {table} USING gin (to_tsvector('simple', search_key))"
        )


def _on_sqlite(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM sqlite_master WHERE tbl_name IN ('{table}', '{table}_words')")  # noqa: S608
        existing = {row[0] for row in cursor.fetchall()}
        statements = dict(_statements(table))
        missing = [name for name in statements if name not in existing]
        for name in missing:
            cursor.execute(statements[name])
        if missing:
            cursor.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')")  # noqa: S608


def _statements(table: str) -> Iterable[tuple[str, str]]:
    """Yield the name of each part and what makes it. FTS5 is told what stood there before it forgets it."""
    words = f"{table}_words"
    add = f"INSERT INTO {words} (rowid, search_key) VALUES (NEW.id, NEW.search_key)"  # noqa: S608
    drop = f"INSERT INTO {words} ({words}, rowid, search_key) VALUES ('delete', OLD.id, OLD.search_key)"  # noqa: S608
    yield words, f"CREATE VIRTUAL TABLE {words} USING fts5(search_key, content='{table}', content_rowid='id')"
    for act, event, writes in (
        ("insert", "INSERT", add),
        ("delete", "DELETE", drop),
        ("update", "UPDATE OF search_key", f"{drop}; {add}"),
    ):
        yield f"{words}_{act}", f"CREATE TRIGGER {words}_{act} AFTER {event} ON {table} BEGIN {writes}; END"
