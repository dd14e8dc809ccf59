"""Search sees through the spellings of names."""

import pytest

from trainees.rules.search import search_key, search_words


def finds(typed, *names):
    key = search_key(*names)
    return all(f" {word}" in key for word in search_words(typed))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Muhammad Ahmad", "Mohd. Ahmed"),
        ("M. Ahmed", "Muhammad Ahmad"),
        ("mohammed", "M Bilal"),
        ("محمد احمد", "Muhammad Ahmad Khan"),
        ("Ahmed", "محمد احمد"),
        ("زینب", "Zainab Noor"),
        ("Zaynab", "زینب نور"),
        ("Usman", "عثمان علی"),
        ("Hassan", "Hasan Raza"),
        ("حسن", "Hassan Raza"),
        ("Fatimah", "فاطمہ"),
        ("Shahid", "شاہد"),
        ("Qureshi", "Kureshi"),
        ("قریشی", "Qureshi"),
        ("chaudhry", "چوہدری"),
        ("Khan", "خان"),
        ("bil", "Bilal Ahmed"),
        ("Saeed", "سعید"),
        ("Мар", "Мария Khan"),
        ("khan мария", "Мария Khan"),
    ],
)
def test_one_spelling_finds_the_other(typed, name):
    assert finds(typed, name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Ahmad", "Muhammad Khan"), ("Bilal", "Hassan Raza"), ("زینب", "Fatima"), ("Khan", "Kamran"), ("Иван", "Мария")],
)
def test_other_names_are_not_found(typed, name):
    assert not finds(typed, name)


def test_a_text_without_letters_has_no_key():
    assert search_key("", "123") == ""
