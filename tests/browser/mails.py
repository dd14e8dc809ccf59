"""Mails that the product wrote to files, as a person who opens them."""

import email
import email.policy
import re
import time
from pathlib import Path


def read_mails(folder: Path, to: str, subject: str) -> list[str]:
    """Return the texts of the mails to an address whose subject contains `subject`, oldest first."""
    found = []
    for path in sorted((folder / "mail").glob("*.eml"), key=lambda each: each.stat().st_mtime):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if to in str(mail["To"]) and subject in str(mail["Subject"]):
            body = mail.get_body(("plain",))
            found.append(body.get_content() if body else "")
    return found


def wait_for_mail(folder: Path, to: str, subject: str) -> str:
    """Return the newest such mail once the worker has sent it."""
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if found := read_mails(folder, to, subject):
            return found[-1]
        time.sleep(0.2)
    raise AssertionError(f"no mail {subject!r} to {to}")


def read_confirmation_link(folder: Path, to: str) -> str:
    """Return the address in the mail that asks for the confirmation."""
    text = wait_for_mail(folder, to, "Confirm your address").replace("=\n", "")
    return re.search(r"https?://\S+/confirm/\S+", text)[0]
