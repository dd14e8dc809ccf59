"""The waves of the picture by week: which are drawn, and which of them fell most."""

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
    rates: dict[date, dict[date, int]] = {}
    minutes: dict[date, int] = {}
    for week in held:
        for wave, (earned, possible) in week.waves.items():
            rates.setdefault(wave, {})[week.monday] = earned * 1000 // possible
            minutes[wave] = minutes.get(wave, 0) + possible
    if len(rates) < 2:
        return Waves([])
    before, last = (held[-2].monday, held[-1].monday) if len(held) > 1 else (held[-1].monday, held[-1].monday)
    falls = {wave: own[before] - own[last] for wave, own in rates.items() if before in own and last in own}
    worst = max(sorted(falls), key=lambda wave: falls[wave], default=None)
    fallen = worst if worst and falls[worst] > 0 else None

    def order(wave: date) -> tuple[bool, bool, int, date]:
        return wave != fallen, last not in rates[wave], -minutes[wave], wave

    drawn = {wave: Wave(wave, rates[wave]) for wave in sorted(sorted(rates, key=order)[:MOST_DRAWN])}
    left_out = len(rates) - len(drawn)
    if not fallen:
        return Waves(list(drawn.values()), left_out)
    return Waves(list(drawn.values()), left_out, drawn[fallen], rates[fallen][before], rates[fallen][last])
