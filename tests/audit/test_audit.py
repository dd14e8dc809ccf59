"""The audit table: append-only on both engines, sealed."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.utils import DatabaseError

from audit.models import AuditEntry
from audit.services import record
from tests.factories import LATER, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    user = make_office()
    return record(act="test.act", by=user, at=LATER, subject=user, detail={"n": 1})


def test_the_database_refuses_update_and_delete(entry):
    for act in (lambda: AuditEntry.objects.update(act="other"), lambda: AuditEntry.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()

    assert AuditEntry.objects.get().act == "test.act"


def test_an_altered_entry_is_found(entry, capsys):
    call_command("check_audit")
    assert "altered=0" in capsys.readouterr().out
    names = {"sqlite": ["audit_auditentry_no_update"], "postgresql": ["audit_auditentry_append_only"]}
    on = "" if connection.vendor == "sqlite" else " ON audit_auditentry"
    with connection.cursor() as cursor:
        for name in names[connection.vendor]:
            cursor.execute(f"DROP TRIGGER {name}{on}")
        cursor.execute("UPDATE audit_auditentry SET act = 'forged.act'")

    with pytest.raises(CommandError, match=f"altered entries: {entry.pk}"):
        call_command("check_audit")
