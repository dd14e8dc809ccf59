"""Background work: the filesystem broker by default, Redis when `BROKER_URL` names one.

The broker is only a doorbell: every job is a row that a sweep finds again (docs/architecture.md), so
nothing is lost with a message and nothing doubled by a second one.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Celery's own start would check the project, and so load every page into the worker; `manage.py` has checked it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")


def broker_settings() -> dict[str, Any]:
    """Return the transport's settings for the broker that the environment selects."""
    if settings.BROKER_URL:
        # Redelivery must wait longer than any task may run, or a slow task is done twice at once.
        options: dict[str, Any] = {"visibility_timeout": settings.TASK_TIME_LIMIT * 10, "socket_connect_timeout": 2}
        return {"broker_url": settings.BROKER_URL, "broker_transport_options": options}
    folder = settings.DATA_DIR / "broker"
    for name in ("queue", "unread"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "processed_folder": str(folder / "unread"),
        "polling_interval": 0.1,  # kombu's default of one second makes queues grow
    }
    return {
        "broker_url": "filesystem://localhost//",
        "broker_transport": "portal.broker:Transport",
        "broker_transport_options": options,
    }


app = Celery("hunar")
app.conf.update(
    **broker_settings(),
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=settings.TASK_TIME_LIMIT,
    task_publish_retry=False,  # a broker that is away must not hold up a request; the sweep repairs
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=bool(settings.BROKER_URL),
    worker_proc_alive_timeout=60,  # Celery's 4 seconds kill the processes of a busy machine while they start
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=2,
    task_routes={  # queues take turns, so these do not stand behind a thousand drawings
        "certificates.tasks.sign_status_lists": {"queue": "urgent"},
        "trainees.tasks.*": {"queue": "mail"},
    },
    timezone="UTC",
    beat_schedule_filename=str(settings.DATA_DIR / "beat-schedule"),
    beat_schedule={
        "places": {"task": "cohorts.tasks.sweep_places", "schedule": 60.0, "options": {"expires": 55}},
        "meetings": {"task": "cohorts.tasks.sweep_meeting_files", "schedule": 60.0, "options": {"expires": 55}},
        "figures": {"task": "portal.tasks.sweep_figures", "schedule": 20.0, "options": {"expires": 19}},
        "placings": {"task": "admissions.tasks.sweep_placings", "schedule": 60.0, "options": {"expires": 55}},
        "reports": {"task": "portal.tasks.sweep_reports", "schedule": 60.0, "options": {"expires": 55}},
        "exports": {"task": "portal.tasks.sweep_exports", "schedule": 60.0, "options": {"expires": 55}},
        "acts": {"task": "portal.tasks.sweep_runs", "schedule": 30.0, "options": {"expires": 25}},
        # Monday at eight in the morning in Pakistan.
        "week": {"task": "portal.tasks.report_weekly", "schedule": crontab(day_of_week="mon", hour=3, minute=0)},
        # Half past two at night in Pakistan.
        "check": {"task": "portal.tasks.check_nightly", "schedule": crontab(hour=21, minute=30)},
        "registers": {"task": "cohorts.tasks.close_registers", "schedule": 300.0, "options": {"expires": 290}},
        "statistics": {"task": "portal.tasks.collect_statistics", "schedule": crontab(hour=21, minute=0)},
        "meeting files": {"task": "cohorts.tasks.remove_meeting_files", "schedule": crontab(hour=21, minute=45)},
        "warnings": {"task": "cohorts.tasks.warn_trainees", "schedule": 600.0, "options": {"expires": 590}},
        "messages": {"task": "trainees.tasks.sweep_messages", "schedule": 30.0, "options": {"expires": 25}},
        "timetables": {"task": "cohorts.tasks.sweep_timetables", "schedule": 30.0, "options": {"expires": 25}},
        "archives": {"task": "certificates.tasks.sweep_archives", "schedule": 60.0, "options": {"expires": 55}},
        "announcements": {
            "task": "cohorts.tasks.sweep_announcements",
            "schedule": 30.0,
            "options": {"expires": 25},
        },
        "reminders": {"task": "cohorts.tasks.sweep_reminders", "schedule": 600.0, "options": {"expires": 550}},
        "certificates": {"task": "certificates.tasks.sweep_certificates", "schedule": 15.0, "options": {"expires": 14}},
        "status lists": {
            "task": "certificates.tasks.sign_status_lists",
            "schedule": 20.0,
            "options": {"expires": 19},
        },
    },
)
app.autodiscover_tasks(["trainees", "cohorts", "certificates", "admissions", "portal"])
