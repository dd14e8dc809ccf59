"""Migration operations that make a table append-only on SQLite and PostgreSQL."""

from typing import Any

from django.db import migrations


def forbid_changes(table: str) -> migrations.RunPython:
    """Return an operation after which the database itself refuses UPDATE and DELETE on `table`.

    It may run again, and must after SQLite has rebuilt the table, which drops its triggers.
    """

    def install(apps: Any, schema_editor: Any) -> None:
        for statement in _statements(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    return migrations.RunPython(install, migrations.RunPython.noop, elidable=False)


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            statement
            for act in ("update", "delete")
            for statement in (
                f"DROP TRIGGER IF EXISTS {table}_no_{act}",
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            )
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = '23000'; END $$",
        f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
    ]
