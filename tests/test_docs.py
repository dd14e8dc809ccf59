"""The documents say what there is: settings, commands, addresses, apps."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import reverse

from portal.api import router

ROOT = Path(__file__).parent.parent
OURS = ("admissions", "audit", "certificates", "cohorts", "courses", "portal", "trainees")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_of_the_environment_is_documented():
    named = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', read("portal/settings.py")))

    assert {name for name in named if f"`{name}`" not in read("docs/operations.md")} == set()
    assert len(named) > 10


def test_every_command_is_documented():
    ours = {name for name, app in get_commands().items() if app in OURS}

    assert {name for name in ours if not re.search(rf"\b{name}\b", read("docs/operations.md"))} == set()


def test_every_resource_of_the_api_is_documented():
    text = read("docs/api.md")

    assert {
        prefix for prefix, _view, _name in router.registry if f"`{prefix}/`" not in text and f"{prefix}/" not in text
    } == set()
    assert reverse("api-schema") in text


def test_the_readme_names_commands_and_pictures_that_exist():
    text = read("README.md")

    for command in re.findall(r"\bbin/\w+", text):
        assert (ROOT / command).is_file(), command
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_a_page_leads_only_to_what_exists(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_every_picture_is_on_a_page():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = " ".join(page.read_text(encoding="utf-8") for page in pages)

    assert [each.name for each in (ROOT / "docs/pictures").iterdir() if each.name not in shown] == []


def test_the_architecture_page_names_every_app():
    rows = re.findall(r"^\| (\w+) \| .* \| (.+) \|$", read("docs/architecture.md"), re.MULTILINE)

    assert {name for name, _below in rows} >= set(OURS)
