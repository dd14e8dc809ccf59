"""Seal number and typed row of standing applications in batches; a run that broke off goes on where it stopped.

The fingerprint becomes a keyed hash of the old one, as `admissions.imports` makes it now, so that a file that
was imported before is still known.
"""

from importlib import import_module
from typing import Any

from django.db import migrations, models, transaction
from django.db.models import Q

from trainees.identity import hash_cnic, keyed_hash, seal

BATCH = 500
PLAIN = "SELECT id, cnic, typed, fingerprint FROM admissions_application WHERE typed LIKE %s ORDER BY id LIMIT %s"
SEAL = "UPDATE admissions_application SET cnic = %s, cnic_hash = %s, typed = %s, fingerprint = %s WHERE id = %s"
LIVE = ["submitted", "in_review", "accepted", "offered", "placed"]


def seal_rows(apps: Any, schema_editor: Any) -> None:
    connection, found = schema_editor.connection, False
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(PLAIN, ["{%", BATCH])
            rows = cursor.fetchall()
            cursor.executemany(SEAL, [_sealed(*row) for row in rows])
        if not rows:
            break
        found = True
    if found:
        import_module("trainees.migrations.0006_seal_cnic_rows").drop_old_pages(connection, "admissions_application")


def _sealed(pk: int, cnic: str, typed: str, fingerprint: str) -> tuple[Any, ...]:
    number, found = (seal(cnic), hash_cnic(cnic)) if cnic else ("", None)
    return number, found, seal(typed), keyed_hash("application row", fingerprint), pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("admissions", "0002_seal_cnic")]

    operations = [
        migrations.RunPython(seal_rows),
        migrations.AddIndex("application", models.Index(fields=["programme", "cnic_hash"], name="application_cnic")),
        migrations.AddConstraint(
            "application",
            models.UniqueConstraint(
                fields=["programme", "cnic_hash"],
                condition=Q(status__in=LIVE),
                name="application_one_live_per_cnic",
            ),
        ),
    ]
