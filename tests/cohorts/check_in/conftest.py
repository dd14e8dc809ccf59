"""The session that trainees scan themselves into."""

import pytest

from tests.factories import make_cohort


@pytest.fixture
def session(db):
    return make_cohort().sessions.order_by("number")[0]
