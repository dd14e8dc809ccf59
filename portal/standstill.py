"""Whether work goes on in the background: the worker marks the moment, the overview reads it."""

from datetime import UTC, datetime, timedelta

from django.conf import settings

# Scheduled work comes several times a minute; a worker that ends itself (portal.worker) is back before this.
PATIENCE = timedelta(minutes=3)


def note_work() -> None:
    """Keep that something was worked on just now."""
    (settings.DATA_DIR / "last-work").touch()


def find_standstill(*, at: datetime) -> datetime | None:
    """Return since when nothing was done in the background, or None while it goes on or has never begun. No query."""
    try:
        last = datetime.fromtimestamp((settings.DATA_DIR / "last-work").stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    return last if at - last > PATIENCE else None
