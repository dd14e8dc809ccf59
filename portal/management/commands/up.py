"""Run the whole product: web, worker and beat, each looked after."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.supervisor import supervise


class Command(BaseCommand):
    help = "Start web, worker and beat as children, restart what dies, stop all on Ctrl-C or TERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--only", nargs="*", choices=["web", "worker", "beat"], help="run these roles alone")

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ.setdefault("SITE_URL", f"http://{options['host']}:{options['port']}")
        commands = role_commands(options["host"], options["port"])
        wanted = options["only"] or list(commands)
        supervise({name: commands[name] for name in wanted})


def role_commands(host: str, port: int) -> dict[str, list[str]]:
    """Return the command line of each role."""
    scripts = Path(sys.executable).parent
    celery = [str(scripts / "celery"), "-A", "portal"]
    web = [str(scripts / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", "1", "--blocking-threads", "8", "--backpressure", "256", "--no-ws", "portal.wsgi:application"]
    worker = ["worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    pidfile = settings.DATA_DIR / "beat.pid"
    pidfile.unlink(missing_ok=True)  # a beat that was killed leaves its file behind
    beat = ["beat", "--loglevel", "WARNING", "--pidfile", str(pidfile)]
    return {"web": web, "worker": [*celery, *worker], "beat": [*celery, *beat]}
