"""Each act on many rows is offered and allowed to its group alone."""

import re

import pytest

from tests.factories import make_office
from tests.portal.test_list_acts import BACKEND, post

pytestmark = pytest.mark.django_db
RIGHTS = [
    ("trainees", "write", "Programme office"),
    ("trainees", "move", "Programme office"),
    ("trainees", "withdraw", "Programme office"),
    ("trainees", "no_show", "Programme office"),
    ("trainees", "except", "Programme lead"),
    ("applications", "accept", "Programme office"),
    ("applications", "reject", "Programme office"),
    ("applications", "reopen", "Programme office"),
    ("cohorts", "write", "Programme office"),
    ("cohorts", "close", "Programme office"),
    ("certificates", "retry", "Issuer"),
    ("batches", "retry", "Issuer"),
    ("messages", "retry", "Programme office"),
    ("messages", "cancel", "Programme office"),
    ("problems", "settle", "Issuer"),
]
LINK = re.compile(r'<a[^>]* href="(/(?:manage|teach)/[^"#]*)"')
ADDRESS = {"problems": "certificates/problems"}


@pytest.mark.parametrize(("name", "act", "group"), RIGHTS)
def test_each_act_is_offered_and_allowed_to_its_group_alone(client, name, act, group):
    for other in ("Auditor", "Registrar", group):
        client.force_login(make_office(other), backend=BACKEND)
        offered = [each.key for each in client.get(f"/manage/{ADDRESS.get(name, name)}/").context["acts"]]
        answer = client.post(f"/manage/lists/{name}/act/", {"act": act})
        assert answer.status_code == (302 if other == group else 403)
        assert (act in offered) == (other == group)


def test_acts_that_are_not_there_are_not_found(client):
    office = client
    office.force_login(make_office("Programme office"), backend=BACKEND)
    assert post(office, "trainees", "erase").status_code == 404
    assert post(office, "nothing", "write").status_code == 404
    assert office.put("/manage/lists/trainees/act/").status_code == 405


@pytest.mark.parametrize("group", ["Auditor", "Issuer", "Registrar", "Programme lead", "Programme office"])
def test_no_page_leads_to_one_that_is_not_for_its_reader(client, group):
    client.force_login(make_office(group), backend=BACKEND)
    pages = ["/manage/", "/manage/applications/", "/manage/trainees/", "/manage/cohorts/", "/manage/reports/"]

    links = {each for page in pages for each in LINK.findall(client.get(page).content.decode())}

    assert [each for each in links if client.get(each.replace("&amp;", "&")).status_code == 403] == []
    assert ("/manage/setup/staff/" in links) == (group == "Programme lead")
