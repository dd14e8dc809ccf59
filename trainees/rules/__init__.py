"""Reading what people type about themselves: one home for forms, API and imports. No database, no clock.

A reading never guesses silently: it has a value, *problems* (cannot be used) and *doubts* (a person must look).
"""

from trainees.rules.choices import read_gender, read_province
from trainees.rules.cnic import explain_cnic_length, gender_of_cnic, mask_cnic, mask_typed_cnic, read_cnic
from trainees.rules.contact import read_email, read_mobile
from trainees.rules.dates import MINIMUM_AGE, read_birth_date, read_date, read_year
from trainees.rules.names import is_slip, read_name, read_name_ur
from trainees.rules.reading import (
    MESSAGES,
    Reading,
    ascii_digits,
    clean_text,
    drop_invisible,
    is_nothing,
    read_words,
    require,
)

__all__ = [
    "MESSAGES",
    "MINIMUM_AGE",
    "Reading",
    "ascii_digits",
    "clean_text",
    "drop_invisible",
    "explain_cnic_length",
    "gender_of_cnic",
    "is_nothing",
    "is_slip",
    "mask_cnic",
    "mask_typed_cnic",
    "read_birth_date",
    "read_cnic",
    "read_date",
    "read_email",
    "read_gender",
    "read_mobile",
    "read_name",
    "read_name_ur",
    "read_province",
    "read_words",
    "read_year",
    "require",
]
