"""What flows over HTTP need: a week ahead of the clock, and no limit to requests."""

from datetime import timedelta

import pytest
from django.utils import timezone


@pytest.fixture
def unslowed(settings):
    """Let a test send as many requests as it likes."""
    rates = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "100000/hour")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


@pytest.fixture
def soon():
    """A moment next week: pages look at the clock."""
    return timezone.now() + timedelta(days=7)
