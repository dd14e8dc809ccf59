"""Redis may be away: the cache answers as an empty one."""

import pytest
from django.core.cache import caches

from portal.cache import ForgivingRedisCache
from tests.servers import free_port


@pytest.fixture
def away():
    return ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})


def test_a_cache_that_is_away_is_an_empty_one(away):
    away.set("a", 1)
    away.set_many({"a": 1})

    assert away.get("a", "nothing") == "nothing"
    assert away.get_many(["a"]) == {}
    assert away.add("a", 1) is True
    assert (away.touch("a"), away.delete("a"), away.has_key("a")) == (False, False, False)
    with pytest.raises(ValueError, match="not found"):
        away.incr("a")


def test_a_cache_that_answers_keeps_what_it_is_given():
    cache = caches["default"]

    cache.set("a", 1)

    assert cache.incr("a") == 2
    assert cache.get("a") == 2
