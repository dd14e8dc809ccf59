"""Run one benchmark in this process, on a database just migrated. usage: python -m bench.one NAME FIGURES"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command


def main(name: str, target: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    figures: dict[str, Any] = {}
    importlib.import_module(f"bench.{name}").main(json=figures)
    target.write_text(json.dumps(figures, ensure_ascii=False, default=str), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
