"""The private font folder: the same bytes on every machine."""

import os
from html import escape
from pathlib import Path

from django.conf import settings

from certificates.rules import FONTS

CONFIGURATION = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def prepare_fonts() -> None:
    """Name the folder to fontconfig; call it before WeasyPrint is imported."""
    folder = Path(settings.DATA_DIR) / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "fonts.conf"
    content = CONFIGURATION.format(fonts=escape(str(FONTS)), cache=escape(str(folder / "cache")))
    if not config.exists() or config.read_text() != content:
        temporary = config.with_suffix(f".{os.getpid()}")
        temporary.write_text(content)
        temporary.replace(config)
    os.environ["FONTCONFIG_FILE"] = str(config)
