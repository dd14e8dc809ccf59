"""Run the whole product: web, worker and beat, each looked after."""

import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

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
        if "web" in wanted:
            refuse_taken_port(options["host"], options["port"])
        if "worker" in wanted:
            call_command("make_keys")
        # Fonts are looked up in a cache, which a service's user may have no home for.
        os.environ.setdefault("XDG_CACHE_HOME", str(settings.DATA_DIR / "cache"))
        os.chdir(settings.BASE_DIR)
        supervise({name: commands[name] for name in wanted})


def refuse_taken_port(host: str, port: int) -> None:
    """Raise `CommandError` when someone listens there already, instead of restarting the web role for ever."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port} ({error.strerror}). Choose another --port.") from error


def role_commands(host: str, port: int) -> dict[str, list[str]]:
    """Return the command line of each role."""
    # By -m, not by the scripts beside Python: a moved checkout breaks their first line.
    # As root it warns on every start; a container has no other user, and tasks carry JSON, never code.
    worker = [sys.executable, "-W", "ignore:You're running the worker", "-m", "portal.worker"]
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", "1", "--blocking-threads", "8", "--backpressure", "256", "--no-ws", "--log-level", "error"]
    pidfile = settings.DATA_DIR / "beat.pid"
    pidfile.unlink(missing_ok=True)  # a beat that was killed leaves its file behind
    beat = [sys.executable, "-m", "celery", "-A", "portal", "--quiet", "beat"]
    beat += ["--loglevel", "WARNING", "--pidfile", str(pidfile)]
    return {"web": [*web, "portal.wsgi:application"], "worker": worker, "beat": beat}
