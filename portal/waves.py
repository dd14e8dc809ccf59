"""The waves of the picture by week: which are drawn, and which of them fell most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.figures import Week

MOST_DRAWN = 4


@dataclass(frozen=True)
class Wave:
    """The cohorts that start in one week, and what they attended of each week, in permille, cut."""

    monday: date
    rates: dict[date, int]


@dataclass(frozen=True)
class Waves:
    """The waves that are drawn, how many more met, and the one that fell most on the week before."""

    drawn: list[Wave]
    left_out: int = 0
    fallen: Wave | None = None
    before: int = 0  # the rates of that one, in permille
    after: int = 0


def choose_waves(weeks: Sequence[Week]) -> Waves:
    """Return the waves of these weeks: the one that fell most, then those that meet still, the largest first.

    A single wave is the programme itself, and none is drawn.
    """
    held = [week for week in weeks if week.possible]
    minutes: Counter[date] = Counter()
    for week in held:
        minutes.update({wave: possible for wave, (_earned, possible) in week.waves.items()})
    if len(minutes) < 2:
        return Waves([])
    before, last = (week.rates for week in [*held[:1], *held][-2:])  # a single week has nothing to fall from
    falls = {wave: before[wave] - last[wave] for wave in sorted(before.keys() & last.keys())}
    worst = max(falls, key=lambda wave: falls[wave], default=None)
    fallen = worst if worst and falls[worst] > 0 else None

    def order(wave: date) -> tuple[bool, bool, int, date]:
        return wave != fallen, wave not in last, -minutes[wave], wave

    drawn = {
        wave: Wave(wave, {week.monday: week.rates[wave] for week in held if wave in week.rates})
        for wave in sorted(sorted(minutes, key=order)[:MOST_DRAWN])
    }
    left_out = len(minutes) - len(drawn)
    if not fallen:
        return Waves(list(drawn.values()), left_out)
    return Waves(list(drawn.values()), left_out, drawn[fallen], before[fallen], last[fallen])
