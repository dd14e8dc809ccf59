"""A folder for the evidence of one test, and the class that most reports are of."""

import pytest

from tests.cohorts.meetings.files import make_class
from tests.factories import make_instructor


@pytest.fixture
def folder(settings, tmp_path):
    """Keep what is uploaded apart from other tests."""
    settings.MEETINGS_DIR = tmp_path


@pytest.fixture
def cohort():
    return make_class()


@pytest.fixture
def teacher(cohort):
    return make_instructor(cohort)
