"""Points as people write them, in exact hundredths."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
IN_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")


def read_points(typed: str, most: int) -> int | None:
    """Read points out of `most`: 17, 17.5, 17,5 or 87.5 %; an empty text is no score.

    Returns hundredths of a point. Raises ValidationError that says what was typed and what may be.
    """
    text = typed.strip().replace("٪", "%").replace("٫", ".")
    number = text.removesuffix("%").strip()
    if not text or text in ("-", "–"):
        return None
    if IN_THOUSANDS.fullmatch(number):  # 1,000 is a thousand to one and one to another
        raise ValidationError(_("%s: write it without a comma, or with a point.") % typed[:40], code="points_comma")
    if not NUMBER.fullmatch(number := number.replace(",", ".")):
        raise ValidationError(_('"%(typed)s" is no number of points.') % {"typed": typed[:40]}, code="points")
    value = Decimal(number)
    hundredths = value * most if text.endswith("%") else value * 100
    if not 0 <= hundredths <= most * 100:
        text = _("%(typed)s points: 0 to %(most)s can be scored.")
        raise ValidationError(text % {"typed": typed[:40], "most": most}, code="points_range")
    if hundredths != int(hundredths):
        raise ValidationError(_("%s: at most two decimals.") % typed[:40], code="points_decimals")
    return int(hundredths)


def format_points(hundredths: int | None) -> str:
    """Return hundredths of a point as a person writes them: 1750 is 17.5."""
    if hundredths is None:
        return ""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
