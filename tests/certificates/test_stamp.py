"""A page that was laid out for somebody else is the page that is laid out from the beginning, byte for byte (R53)."""

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from django.conf import settings

from certificates.pdf import stamp
from certificates.pdf.design import shipped
from certificates.pdf.engine import Engine
from tests.certificates.test_certificates import example
from tests.factories import LATER

ODD = ["A", "div", "Ali", "Ali Ali", "O'Brien & Sons", "<b>Ali</b>", "Zoë Ñandú", "1 December 2020", "W" * 30]


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def plain():
    return Engine(keeps_layouts=False)


@pytest.fixture
def stamped(monkeypatch):
    """The names of the people whose page was not laid out for them."""
    names, real = [], stamp.Layout.stamp

    def note(self, printed):
        document = real(self, printed)
        names.append(printed.name)
        return document

    monkeypatch.setattr(stamp.Layout, "stamp", note)
    return names


def draw(engine, printed, design):
    return engine.draw(printed, "{}", design, at=LATER, room=100)


def people():
    with Path(settings.BASE_DIR / "demo" / "enrolments.csv").open(encoding="utf-8") as file:
        for row in islice(csv.DictReader(file), 170):
            yield row["full_name"], row["full_name_ur"]
    for name in ODD:
        yield name, ""
        yield name, "علی"
    yield from (("Muhammad Abdul Rehman Siddiqui Al-Farooqi Ibn-e-Khaldun Bahadur Khan", ""), ("Ali" * 30, "علی" * 25))
    yield from (("Saba Naz", "صبا ناز"), ("Muhammad Abdul Rehman Siddiqui " * 3, "")) * 5


def test_200_names_give_the_same_files_as_laid_out_from_the_beginning(engine, plain, stamped):
    everybody = list(people())
    assert len(everybody) == 200

    different = [
        name
        for name, name_ur in everybody
        if draw(engine, printed := example(name, name_ur=name_ur), shipped()) != draw(plain, printed, shipped())
    ]

    assert different == []
    assert len(stamped) > 150


@pytest.mark.parametrize(
    ("markup", "style"),
    [
        ("<p>We certify that {{ name }} was there.</p>", ""),
        ("<div>{{ name }}</div>", "div { text-transform: uppercase }"),
        ("<div>{{ name }}</div>", "div { text-align: left }"),
        ("<div>{{ name }}</div>", "div { position: absolute; left: 100pt; background: #eee }"),
        ("<div>{{ name }} <b>{{ course }}</b></div>", "div { display: flex }"),
        ("<div>{{ name }}</div>", "div { width: 90pt }"),
        ("<div>{{ name }}</div>", "div { string-set: who content() } @page { @top-center { content: string(who) } }"),
        ("<div>{{ name }}</div>", "div::first-letter { font-size: 30pt }"),
    ],
)
def test_a_design_where_more_depends_on_the_name_is_laid_out_anew(engine, plain, stamped, markup, style):
    page = f'{markup}<div class="s">{{{{ serial }}}}</div><div id="qr" class="q"></div>'
    fixed = "body { text-align: center } .s { width: 300pt } .q { position: absolute; top: 400pt; width: 60pt }"
    design = replace(shipped(), label=f"{markup}{style}", markup=page, style=f"{fixed} {style}")

    for name in ("Saba Naz", "Ali", "Zarmina Durrani Khan", "Muhammad Abdul Rehman", "ALI KHAN"):
        printed = example(name)
        assert draw(engine, printed, design) == draw(plain, printed, design)


def test_a_layout_that_gives_another_file_is_found_out_and_never_used(plain, monkeypatch):
    engine, right = Engine(), stamp.Line.left_for
    draw(engine, example("Saba Naz"), shipped())
    monkeypatch.setattr(stamp.Line, "left_for", lambda self, width: right(self, width) + 1)

    for name in ("Ali Khan", "Omar Aziz", "Hina Shah"):
        printed = example(name)
        assert draw(engine, printed, shipped()) == draw(plain, printed, shipped())
