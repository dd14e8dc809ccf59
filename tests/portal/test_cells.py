"""Cells of a list: escaped whatever draws them, and in the language of the reader."""

from types import SimpleNamespace

from django.utils.translation import override

from cohorts.models import Enrolment
from portal.lists import cells
from portal.lists.shape import Column

NAME = "<script>alert('x')</script> & co"


def test_cells_are_escaped_once_whoever_draws_them():
    row = SimpleNamespace(name=NAME, count=0, none=None)
    columns = [
        Column("plain", "As <it> is", cell=lambda each: each.name),
        Column("text", "Text", cell=cells.text("name")),
        Column("count", "Count", "count", number=True),
        Column("none", "None", "none"),
    ]

    drawn = cells.in_table(columns)(row)

    safe = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; co"
    assert drawn == (
        f'<td role="cell" data-title="As &lt;it&gt; is">{safe}</td>'
        f'<td role="cell" data-title="Text">{safe}</td>'
        '<td role="cell" class="hn-n" data-title="Count">0</td>'
        '<td role="cell"></td>'
    )


def test_words_of_a_choice_follow_the_language():
    draw, row = cells.words("status"), Enrolment(status="completed")

    english = draw(row)
    with override("ur"):
        urdu = draw(row)

    assert (english, draw(row)) == ("Completed", "Completed")
    assert urdu != english
    assert urdu


def test_a_value_that_is_no_choice_is_shown_as_it_is():
    assert cells.words("status")(Enrolment(status="<?>")) == "&lt;?&gt;"
