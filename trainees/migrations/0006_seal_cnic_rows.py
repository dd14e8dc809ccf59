"""Seal the identity numbers of standing rows in batches; a run that broke off goes on where it stopped."""

from typing import Any

from django.db import migrations, models, transaction
from django.db.models import Q

from trainees.identity import hash_cnic, seal

BATCH = 500
PLAIN = "SELECT id, cnic FROM trainees_trainee WHERE cnic_hash IS NULL AND cnic <> '' ORDER BY id LIMIT %s"
SEAL = "UPDATE trainees_trainee SET cnic = %s, cnic_hash = %s WHERE id = %s"


def seal_rows(apps: Any, schema_editor: Any) -> None:
    connection, found = schema_editor.connection, False
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(PLAIN, [BATCH])
            rows = cursor.fetchall()
            cursor.executemany(SEAL, [(seal(cnic), hash_cnic(cnic), pk) for pk, cnic in rows])
        if not rows:
            break
        found = True
    if found:
        drop_old_pages(connection, "trainees_trainee")


def drop_old_pages(connection: Any, table: str) -> None:
    """Rewrite what the table freed, so that no old page keeps a number in clear."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM" if connection.vendor == "sqlite" else f"VACUUM FULL {table}")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("trainees", "0005_seal_cnic")]

    operations = [
        migrations.RunPython(seal_rows),
        migrations.AddConstraint(
            "trainee",
            models.CheckConstraint(
                condition=Q(cnic_hash__isnull=False, cnic_hash__length=64)
                | Q(cnic_hash__isnull=True, erased_at__isnull=False),
                name="trainee_cnic_hash_whole_or_erased",
            ),
        ),
    ]
