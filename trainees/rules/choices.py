"""Answers that stand for one of a few."""

import re

from trainees.rules.reading import Reading, clean_text

MALE = {"m", "male", "man", "boy", "mr", "مرد", "لڑکا", "مذکر"}
FEMALE = {"f", "female", "woman", "girl", "ms", "mrs", "lady", "عورت", "خاتون", "لڑکی", "مونث"}


def read_gender(text: str) -> Reading:
    """Read M or F; anything else is for a person to settle."""
    word = clean_text(text).casefold().strip(".")
    if word in MALE:
        return Reading(value="M")
    return Reading(value="F") if word in FEMALE else Reading(value="", doubts=("gender_unclear",))


PROVINCES = {
    "PB": "punjab panjab pb pnjab پنجاب",
    "SD": "sindh sind sd sindhh سندھ",
    "KP": "kp kpk nwfp khyberpakhtunkhwa khyberpakhtoonkhwa khyberpukhtunkhwa pakhtunkhwa khyber خیبرپختونخوا",
    "MD": "fata exfata mergeddistricts mergeddistrictskp newlymergeddistricts mergedareas md tribaldistricts",
    "BA": "balochistan baluchistan ba blochistan بلوچستان",
    "IS": "islamabad ict islamabadcapitalterritory federalarea federal capital is isb isl اسلامآباد",
    "GB": "gilgitbaltistan gb gilgit baltistan northernareas گلگتبلتستان",
    "JK": "ajk azadkashmir azadjammukashmir azadjammuandkashmir ajandk kashmir jk aj آزادکشمیر",
}
PROVINCE_OF = {word: code for code, words in PROVINCES.items() for word in words.split()}


def read_province(text: str) -> Reading:
    """Read the province of domicile into its code; an unclear one is a doubt."""
    typed = clean_text(text)
    word = re.sub(r"[\W_]", "", typed.casefold().replace("&", ""))
    code = PROVINCE_OF.get(word) or PROVINCE_OF.get(word.removesuffix("province"))
    return Reading(value=code) if code else Reading(value="", doubts=("province_unclear",))
