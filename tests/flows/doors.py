"""The two doors to a place, page and API, and what comes back through them."""

import json
import re

from tests.factories import make_registration

PASSWORD = "three-unrelated-words"


def by_page(client, cohort, **fields):
    return client.post(f"/cohorts/{cohort.code}/register/", make_registration(**fields))


def by_api(client, cohort, **fields):
    body = {**make_registration(**fields), "consent": True, "cohort": cohort.code}
    return client.post("/api/v1/registrations/", json.dumps(body), content_type="application/json")


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def link_in(message):
    return re.search(r"/confirm/\S+", message.text)[0]


def shape_of(page):
    """Reduce a page to what does not name the person."""
    text = page.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"[\w.]+@example\.org", "ADDRESS", text)
