"""Names and numbers as they are searched: one key for Muhammad, Mohd and M., Ahmed and Ahmad, Latin and Urdu letters.

A key is a word per word of the name: its consonants in one alphabet, with an `a` where it begins with a vowel.
Keys agree too often rather than too seldom: a person reads the few names that are found. A word in another script
is its own key.
"""

import re
import unicodedata

MUHAMMAD = {"m", "md", "mohd", "mohammad", "mohammed", "muhammad", "muhammed", "mohamed", "muhamad", "mhd"}
PAIRS = (("ch", "C"), ("sh", "S"), ("kh", "K"), ("gh", "G"), ("ph", "f"), ("ck", "k"))
# The four letters that this frees stand for the pairs: databases do not agree on capitals.
LETTERS = str.maketrans({"q": "k", "x": "k", "v": "w", "c": "k", "C": "c", "S": "x", "K": "q", "G": "v"})
URDU = {
    **dict.fromkeys("ب", "b"),
    **dict.fromkeys("پ", "p"),
    **dict.fromkeys("تٹط", "t"),
    **dict.fromkeys("ثسص", "s"),
    **dict.fromkeys("ج", "j"),
    **dict.fromkeys("چ", "c"),
    **dict.fromkeys("خ", "q"),
    **dict.fromkeys("دڈ", "d"),
    **dict.fromkeys("ذزضظژ", "z"),
    **dict.fromkeys("رڑ", "r"),
    **dict.fromkeys("ش", "x"),
    **dict.fromkeys("غ", "v"),
    **dict.fromkeys("ف", "f"),
    **dict.fromkeys("قکك", "k"),
    **dict.fromkeys("گ", "g"),
    **dict.fromkeys("ل", "l"),
    **dict.fromkeys("م", "m"),
    **dict.fromkeys("نں", "n"),
    **dict.fromkeys("حہهھةۃ", "h"),
    **dict.fromkeys("وؤ", "w"),
    **dict.fromkeys("یيےئى", "y"),
    **dict.fromkeys("اآأإعء", "a"),
}


def search_key(*names: str) -> str:
    """Return the keys of every word of `names`, each between spaces; what `search_words` finds in it, matches."""
    keys = [key for name in names for key in search_words(name)]
    return f" {' '.join(dict.fromkeys(keys))} " if keys else ""


def search_words(text: str) -> list[str]:
    """Return the key of each word of a text."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = [_key(word) for word in re.findall(r"[^\W\d_]+", folded)]
    return [key for key in found if key]


def fold_number(text: str) -> str:
    """Return the letters and digits of a number in capitals, whatever stands between them and in whichever script."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(str(unicodedata.decimal(c, c)) for c in folded if c.isalnum())


def _key(word: str) -> str:
    if word in MUHAMMAD:
        return "md"
    if any(letter in URDU for letter in word):
        letters = "".join(URDU.get(letter, "") for letter in word)
    else:
        letters = "".join(c for c in unicodedata.normalize("NFD", word) if c.isascii())
        for pair, one in PAIRS:
            letters = letters.replace(pair, one)
        letters = letters.translate(LETTERS)
    start = "a" if letters[:1] in set("aeiou") else letters[:1]
    rest = re.sub(r"[aeiouywh]", "", letters[1:])
    return re.sub(r"(.)\1+", r"\1", start + rest) or word
