"""Files of every kind beyond those of the demonstration: other languages, encodings, orders of a date, time zones."""

import io
from datetime import datetime, timedelta

import openpyxl
import pytest

from cohorts.imports.meetings.clock import read_duration, read_stamp
from cohorts.imports.meetings.placing import place
from cohorts.imports.meetings.reading import Reading
from tests.cohorts.meetings import KARACHI, judge_one, read, roster, slot, table
from trainees.imports.table import UnreadableFile

SLOTS = [slot(n, f"2020-05-{10 + n}") for n in range(1, 5)]  # 11 to 14 May, ten to one
PEOPLE = roster("Sara Ahmed Khan", "Bilal Raza", "Hina Malik", "Usman Butt", "Anum Noor", "Zain Ali")
DAY = datetime(2020, 5, 11)
# label, minutes after ten of joining and leaving, waiting
ROWS = [
    ("Sara Ahmed Khan", 0, 60, False),
    ("Sara Ahmed Khan", 30, 90, False),
    ("Bilal Raza", -5, 185, False),
    ("Hina Malik", -20, -2, True),
    ("Hina Malik", 20, 180, False),
    ("Usman Butt", 2, 178, False),
    ("Anum Noor", 1, 150, False),
    ("Teacher One", -9, 186, False),
]
INSIDE = {1: 5400, 2: 10_800, 3: 9600, 4: 176 * 60, 5: 149 * 60}


def at(minutes, shift=0):
    return DAY.replace(hour=10) + timedelta(minutes=minutes, hours=shift)


def inside(outcome):
    return {pk: outcome.stay(pk).seconds_in_session for pk in sorted(outcome.of)}


def halves(am, pm, pattern="%d/%m/%Y"):
    def write(moment):
        half = am if moment.hour < 12 else pm
        return f"{moment.strftime(pattern)} {moment.hour % 12 or 12}:{moment:%M:%S} {half}"

    return write


def by(pattern):
    return lambda moment: moment.strftime(pattern)


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
DOTS, SLASHES = by("%d.%m.%Y %H:%M:%S"), by("%d/%m/%Y %H:%M:%S")
LANGUAGES = {
    "English, US": ("Name (Original Name)|User Email|Join Time|Leave Time|Duration (Minutes)|Guest|In Waiting Room", by("%m/%d/%Y %I:%M:%S %p"), "Yes No", ",", "utf-8-sig"),
    "English, day first": ("Name (original name)|Email|Join time|Leave time|Duration (minutes)|Guest|In waiting room", SLASHES, "Yes No", ",", "utf-8"),
    "English, named month": ("Name|Email|Joined|Left|Mins|Guest|Waiting room", by("%b %d, %Y %I:%M:%S %p"), "Yes No", "\t", "utf-16"),
    "German": ("Name (Originalname)|Benutzer-E-Mail|Beitrittszeit|Zeit des Verlassens|Dauer (Minuten)|Gast|Im Warteraum", DOTS, "Ja Nein", ";", "cp1252"),
    "French": ("Nom (nom d'origine)|Adresse e-mail|Heure d'arrivée|Heure de départ|Durée (minutes)|Invité|En salle d'attente", SLASHES, "Oui Non", ";", "cp1252"),
    "Spanish": ("Nombre (nombre original)|Correo electrónico|Hora de unión|Hora de salida|Duración (minutos)|Invitado|En la sala de espera", halves("a. m.", "p. m."), "Sí No", ",", "utf-8"),
    "Portuguese": ("Nome (nome original)|E-mail do usuário|Hora de entrada|Hora de saída|Duração (minutos)|Convidado|Na sala de espera", SLASHES, "Sim Não", ";", "utf-8"),
    "Italian": ("Nome (nome originale)|E-mail utente|Ora di ingresso|Ora di uscita|Durata (minuti)|Ospite|Nella sala d'attesa", SLASHES, "Sì No", ";", "utf-8"),
    "Turkish": ("Ad (Orijinal Ad)|Kullanıcı E-postası|Katılma Zamanı|Ayrılma Zamanı|Süre (Dakika)|Konuk|Bekleme Odasında", DOTS, "Evet Hayır", ";", "cp1254"),
    "Arabic": ("الاسم (الاسم الأصلي)|البريد الإلكتروني|وقت الانضمام|وقت المغادرة|المدة (دقائق)|ضيف|في غرفة الانتظار", halves("ص", "م"), "نعم لا", ",", "cp1256"),
    "Arabic digits": ("الاسم|البريد الإلكتروني|وقت الانضمام|وقت المغادرة|المدة (دقائق)|ضيف|في غرفة الانتظار", lambda moment: "\u200f" + halves("ص", "م")(moment).translate(ARABIC), "نعم لا", ",", "utf-8"),
    "Urdu": ("نام (اصل نام)|ای میل|شامل ہونے کا وقت|چھوڑنے کا وقت|دورانیہ (منٹ)|مہمان|انتظار گاہ میں", SLASHES, "ہاں نہیں", ",", "utf-8"),
    "Hindi": ("नाम (मूल नाम)|उपयोगकर्ता ईमेल|शामिल होने का समय|छोड़ने का समय|अवधि (मिनट)|अतिथि|प्रतीक्षा कक्ष में", halves("पूर्वाह्न", "अपराह्न"), "हाँ नहीं", ",", "utf-8"),
    "Chinese": ("名称（原始名称）|用户邮箱|加入时间|离开时间|持续时间（分钟）|访客|等候室", by("%Y年%m月%d日 %H:%M:%S"), "是 否", ",", "gb18030"),
    "Japanese": ("名前（元の名前）|ユーザーのメールアドレス|参加時刻|退出時刻|期間（分）|ゲスト|待機室内", by("%Y/%m/%d %H:%M:%S"), "はい いいえ", ",", "cp932"),
    "Korean": ("이름(원래 이름)|사용자 이메일|참가 시간|나간 시간|기간(분)|게스트|대기실에 있음", by("%Y. %m. %d. %H:%M:%S"), "예 아니요", ",", "utf-8"),
    "Russian": ("Имя (исходное имя)|Электронная почта|Время входа|Время выхода|Длительность (минуты)|Гость|В зале ожидания", DOTS, "Да Нет", ";", "cp1251"),
    "no mark of the order": ("Name|Email|Join time|Leave time|Duration|Guest|Waiting room", by("%Y-%m-%d %H:%M:%S"), "Yes No", ",", "utf-16-be"),
}  # fmt: skip


def joins(headers, write, answers, shift=0):
    yes, no = answers.split()
    rows = [headers.split("|")]
    for label, start, end, waits in ROWS:
        rows.append([label, "", write(at(start, shift)), write(at(end, shift)), end - start, yes, yes if waits else no])
    return rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_understood_in_any_language(language):
    headers, write, answers, delimiter, encoding = LANGUAGES[language]
    reading = read(table(joins(headers, write, answers), delimiter), encoding=encoding)

    outcome = judge_one(reading, SLOTS, PEOPLE)

    assert reading.tally.waiting == 1
    assert inside(outcome) == INSIDE
    assert [each.seen.label for each in outcome.people if each.verdict.verdict == "ignore"] == ["Teacher One"]


@pytest.mark.parametrize("headers", ["Jina|Barua pepe|Muda wa kujiunga|Muda wa kuondoka", "Tên|Thư|Giờ vào|Giờ ra"])
def test_a_language_that_we_do_not_know_is_read_by_what_stands_in_the_cells(headers):
    rows = [row[:4] for row in joins(headers, SLASHES, "a b") if "-" not in row[0]]
    rows = [row for row, source in zip(rows, [None, *ROWS], strict=True) if source is None or not source[3]]

    assert inside(judge_one(read(table(rows)), SLOTS, PEOPLE)) == INSIDE


@pytest.mark.parametrize(
    ("shift", "zone"),
    [(-5, "UTC"), (-9, "America/New_York"), (-12, "America/Los_Angeles"), (-4, "Europe/London"), (-1, "Asia/Dubai")],
)
def test_the_time_zone_is_found_by_the_sessions_time(shift, zone):
    headers, write, answers, _delimiter, _encoding = LANGUAGES["English, US"]
    reading = read(table(joins(headers, write, answers, shift)))

    placed = place(reading, SLOTS, KARACHI)

    assert (placed.zone.value, placed.zone.source, placed.zone.sure) == (zone, "session", False)
    assert inside(judge_one(reading, SLOTS, PEOPLE)) == INSIDE


@pytest.mark.parametrize("pattern", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S.000+00:00"])
def test_an_offset_in_the_file_is_taken_as_it_says(pattern):
    reading = read(table(joins("Name|Email|Join|Leave|Duration|Guest|Waiting room", by(pattern), "Yes No", -5)))

    assert place(reading, SLOTS, KARACHI).zone.source == "file"
    assert inside(judge_one(reading, SLOTS, PEOPLE)) == INSIDE


def test_a_report_across_midnight_belongs_to_the_day_it_starts():
    night = [slot(1, "2020-05-11", "22:00", "01:00"), slot(2, "2020-05-13", "22:00", "01:00")]
    rows = [["Name", "Join time", "Leave time"], ["Bilal Raza", "05/11/2020 10:05:00 PM", "05/12/2020 12:50:00 AM"]]

    assert inside(judge_one(read(table(rows)), night, PEOPLE)) == {2: 9900}


@pytest.mark.parametrize(("wanted", "day"), [((1,), "2020-05-06"), ((2,), "2020-06-05")])
def test_a_date_with_two_readings_is_that_of_the_session_meant(wanted, day):
    slots = [slot(1, "2020-05-06"), slot(2, "2020-06-05")]
    rows = [["Name", "Join time", "Leave time"], ["Bilal Raza", "06/05/2020 10:00:00", "06/05/2020 13:00:00"]]

    placed = place(read(table(rows)), slots, KARACHI, wanted=wanted)

    assert placed.days == (day,)
    assert set(placed.stays) == set(wanted)


def test_a_date_with_two_readings_and_no_hint_is_assumed_and_said_to_be():
    slots = [slot(1, "2020-05-06"), slot(2, "2020-06-05")]
    rows = [["Name", "Join time", "Leave time"], ["Bilal Raza", "06/05/2020 10:00:00", "06/05/2020 13:00:00"]]

    order = place(read(table(rows)), slots, KARACHI).order

    assert (order.source, order.sure) == ("assumed", False)


def test_the_block_about_the_meeting_is_no_person():
    headers, write, answers, _delimiter, _encoding = LANGUAGES["German"]
    block = [["Meeting-ID", "Thema", "Startzeit", "Endzeit", "Benutzer-E-Mail", "Dauer (Minuten)", "Teilnehmer"]]
    block += [["810", "KI", "11.05.2020 09:51:00", "11.05.2020 13:06:00", "x@example.org", "195", "6"], []]

    reading = read(table([*block, *joins(headers, write, answers)], ";"))

    assert reading.header_line == 4
    assert inside(judge_one(reading, SLOTS, PEOPLE)) == INSIDE


def test_a_webinar_has_sections_and_people_who_did_not_come():
    write = by("%b %d, %Y %I:%M:%S %p")
    head = ["Attended", "User Name (Original Name)", "Email", "Join Time", "Leave Time", "Time in Session (minutes)"]
    came = [["Yes", label, "", write(at(start)), write(at(end)), end - start] for label, start, end, w in ROWS if not w]
    rows = [["Attendee Report"], ["Report Generated:", "May 12, 2020 4:28 PM"], ["Host Details"], head, came[-1]]
    rows += [["Panelist Details"], head, *came[:2], ["Attendee Details"], head, *came[2:-1]]
    rows += [["No", "Zain Ali", "", "--", "--", "--"]]

    reading = read(table(rows))
    outcome = judge_one(reading, SLOTS, PEOPLE)

    assert reading.tally.not_attended == 1
    assert inside(outcome) == INSIDE


def test_two_columns_of_one_name_are_the_name_shown_and_the_original():
    rows = [["Name (original name)", "Name (original name)", "Join time", "Leave time"]]
    rows += [["Khan", "Sara Ahmed Khan", "05/11/2020 10:00:00 AM", "05/11/2020 11:00:00 AM"]]

    assert inside(judge_one(read(table(rows)), SLOTS, PEOPLE)) == {1: 3600}


@pytest.mark.parametrize(
    ("headers", "joined", "left"),
    [
        ("Vollständiger Name|Benutzeraktion|Zeitstempel", "Beigetreten", "Verlassen"),
        ("Nom complet|Action de l’utilisateur|Horodateur", "A rejoint", "A quitté"),
        ("Koko nimi|Käyttäjän toiminto|Aikaleima", "Liittynyt", "Poistunut"),
    ],
)
def test_a_log_of_joining_and_leaving_ends_with_the_session(headers, joined, left):
    rows = [headers.split("|")]
    for label, start, end in (("Sara Ahmed Khan", 0, 30), ("Bilal Raza", 5, 60), ("Bilal Raza", 10, 90)):
        rows += [[label, joined, by("%d.%m.%Y, %H:%M:%S")(at(start))], [label, left, by("%d.%m.%Y, %H:%M:%S")(at(end))]]
    rows += [["Hina Malik", joined, by("%d.%m.%Y, %H:%M:%S")(at(60))]]

    outcome = judge_one(read(table(rows, "\t"), encoding="utf-16"), SLOTS, PEOPLE)

    assert inside(outcome) == {1: 1800, 2: 85 * 60, 3: 7200}


def test_a_live_event_log_in_utc_is_understood_by_its_header():
    rows = [["Session Id", "Participant Id", "Full Name", "User Agent", "UtcEventTimestamp", "Action", "Role"]]
    for action, minutes in (("Joined", 0), ("Left", 60)):
        moment = by("%m/%d/%Y %I:%M:%S %p")(at(minutes, -5))
        rows += [["a", "p1", "Sara Ahmed Khan", "Mozilla", moment, action, "Attendee"]]

    assert inside(judge_one(read(table(rows)), SLOTS, PEOPLE)) == {1: 3600}


def test_single_joins_count_before_a_summary_of_the_same_people():
    summary = ["Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"]
    write = by("%m/%d/%y, %I:%M:%S %p")
    rows = [["1. Summary"], ["Meeting title", "AI"], [], ["2. Participants"], summary]
    rows += [["Bilal Raza", write(at(0)), write(at(180)), "1h 0m 0s", "", "", "Attendee"]]
    activities = [["Bilal Raza", write(at(0)), write(at(30)), "30m 0s", "", "Attendee"]]
    activities += [["Bilal Raza", write(at(150)), write(at(180)), "30m 0s", "", "Attendee"]]
    detail = [[], ["3. In-Meeting Activities"], ["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"]]

    whole = read(table([*rows, *detail, *activities], "\t"), encoding="utf-16")
    alone = read(table(rows, "\t"), encoding="utf-16")

    assert inside(judge_one(whole, SLOTS, PEOPLE)) == {2: 3600}
    assert inside(judge_one(alone, SLOTS, PEOPLE)) == {2: 3600}


@pytest.mark.parametrize(
    ("headers", "write", "name"),
    [
        ("Vorname|Nachname|E-Mail-Adresse|Dauer|Beitrittszeit|Zeit des Verlassens", "%H:%M", "2020-05-11 10_00 AI.csv"),
        ("Prénom|Nom|Adresse e-mail|Durée|Heure d'arrivée|Heure de départ", "%H:%M", "Présence 11-05-2020.csv"),
        ("名|姓|メールアドレス|時間|参加時刻|退出時刻", "%H:%M", "2020-05-11.csv"),
        ("First name|Last name|Email|Duration|Time joined|Time exited", "%I:%M %p", "5-11-20 Attendance.csv"),
    ],
)
def test_clocks_without_a_day_take_it_from_the_name_of_the_file(headers, write, name):
    rows = [headers.split("|"), ["Bilal", "Raza", "", "1 h 0 min", at(0).strftime(write), at(60).strftime(write)]]

    assert inside(judge_one(read(table(rows), name), SLOTS, PEOPLE)) == {2: 3600}


def test_clocks_without_any_day_need_the_session_meant():
    rows = [["Name", "Time joined", "Time exited"], ["Bilal Raza", "10:00 AM", "11:00 AM"]]
    reading = read(table(rows), "attendance.csv")

    assert place(reading, SLOTS, KARACHI).unplaced
    assert inside(judge_one(reading, SLOTS, PEOPLE, wanted={2})) == {2: 3600}


def test_two_sessions_of_one_day_are_kept_apart():
    slots = [slot(1, "2020-05-16", "09:30", "12:30"), slot(2, "2020-05-16", "14:00", "17:00")]
    rows = [["Name", "Join time", "Leave time"]]
    rows += [["Sara Ahmed Khan", "2020-05-16 09:30:00", "2020-05-16 12:30:00"]]
    rows += [["Bilal Raza", "2020-05-16 14:00:00", "2020-05-16 17:00:00"]]

    placed = place(read(table(rows)), slots, KARACHI)

    assert {pk: placed.stays[pk][pk - 1].seconds_in_session for pk in placed.stays} == {1: 10_800, 2: 10_800}


def marks(rows, slots=SLOTS):
    reading = read(table(rows)) if isinstance(rows, list) else read(rows, "register.xlsx")
    placed = place(reading, slots, KARACHI)
    assert reading.kind == "register"
    return {
        pk: {reading.people[n].label: mark for n, mark in found.items()} for pk, found in sorted(placed.marks.items())
    }


@pytest.mark.parametrize(
    ("header", "days"),
    [
        (["11/5/20", "12/5/20", "13/5/20"], [1, 2, 3]),
        (["5/11", "5/12", "Total"], [1, 2]),
        (["11-May", "Tue 12 May", "May 13"], [1, 2, 3]),
        (["11", "12", "13"], [1, 2, 3]),
        (["Session 1", "S2", "Class 3"], [1, 2, 3]),
        (["۱۱/۵/۲۰۲۰", "۱۲/۵/۲۰۲۰", "کل"], [1, 2]),
    ],
)
def test_the_columns_of_a_register_are_days_however_they_are_written(header, days):
    rows = [
        ["Attendance, May 2020"],
        ["Sr", "Roll No", "Name", *header],
        ["1", "T-20-00002", "Bilal Raza", "P", "A", "L"],
    ]

    assert list(marks(rows)) == days


def test_a_register_with_names_and_days_on_two_lines():
    book = openpyxl.Workbook()
    for row in (
        ["Sr", "Trainee No", "Name", "May"],
        [None, None, None, DAY, DAY + timedelta(days=1)],
        [1, "T-20-00002", "Bilal Raza", "P", "A"],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)

    assert marks(content.getvalue()) == {1: {"Bilal Raza": "P"}, 2: {"Bilal Raza": "A"}}


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        *[(sign, "present") for sign in ("P", "p", "✓", "✔", "1", "Present", "حاضر", "ح")],
        *[(sign, "absent") for sign in ("A", "ab", "✗", "0", "Absent", "غیر حاضر", "غ")],
        *[(sign, "late") for sign in ("L", "late", "L 10", "دیر")],
        *[(sign, "excused") for sign in ("Leave", "lv", "Sick", "رخصت", "چھٹی")],
        *[(sign, "") for sign in ("", "H", "Holiday", "-", "عید")],
        *[(sign, "?") for sign in ("zz", "?", "P/A")],
    ],
)
def test_the_signs_of_a_register(mark, status):
    rows = [["Name", "11/05/2020"], ["Bilal Raza", mark], ["Hina Malik", "P"], ["Anum Noor", "P"]]

    outcome = judge_one(read(table(rows)), SLOTS, PEOPLE)

    assert outcome.of[2][0].status == status


def test_the_legend_of_a_register_says_what_its_signs_mean():
    rows = [["P = Present, A = Absent, L = Leave"], ["Name", "11/05/2020"], ["Bilal Raza", "L"], ["Hina Malik", "P"]]

    assert judge_one(read(table(rows)), SLOTS, PEOPLE).of[2][0].status == "excused"


def test_a_form_is_presence_by_part_of_the_number_and_no_is_absent():
    rows = [["Timestamp", "Username", "Your Name", "Roll No.", "Are you present?"]]
    rows += [["05/11/2020 10:02:00", "", "bilal raza", "2", "Yes"], ["05/11/2020 10:03:00", "", "", "T-20-00003", "No"]]
    rows += [
        ["05/11/2020 10:04:00", "anum.noor.5@example.org", "A", "", "Yes"],
        ["05/11/2020 10:05:00", "", "x", "4", "Yes"],
    ]

    outcome = judge_one(read(table(rows)), SLOTS, PEOPLE)

    assert {pk: met[0].status for pk, met in outcome.of.items()} == {2: "present", 3: "absent", 5: "present"}


def test_a_pasted_list_of_names_is_read_line_by_line():
    text = "1. Sara Ahmed Khan ✅\n2) bilal raza - present\n• Hina Malik <hina.malik.3@example.org>\n\nunknown person\n"

    outcome = judge_one(read(text, "pasted"), SLOTS, PEOPLE, wanted={1})

    assert sorted(outcome.of) == [1, 2, 3]
    assert [each.seen.label for each in outcome.waiting()] == ["unknown person"]


@pytest.mark.parametrize("day", ["2020-05-12", "12-05-2020", "20200512", "5-12-20"])
def test_a_list_takes_its_day_from_the_name_of_the_file(day):
    placed = place(read("Sara Ahmed Khan\nBilal Raza\n", f"Attendance {day}.txt"), SLOTS, KARACHI)

    assert list(placed.marks) == [2]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x00\x00\r\n", "empty"),
        (b"%PDF-1.7 x", "wrong_kind"),
        (b"\x00\x01\x02\x03abc" * 100, "wrong_kind"),
        (b"PK\x03\x04 not a workbook", "damaged"),
        (b"a,b\n1,2\n", "no_header"),
        (b"Name,Join time,Leave time\nAli,never,ever\n", "no_rows"),
        (b"First Name,Last Name,Email,Registration Time\nA,B,a@example.org,2020-05-01 10:00:00\n", "registrations"),
    ],
)
def test_what_is_no_attendance_is_refused_with_its_code(content, code):
    with pytest.raises(UnreadableFile) as caught:
        read(content)

    assert caught.value.code == code


def test_what_a_file_says_survives_storing():
    headers, write, answers, _delimiter, _encoding = LANGUAGES["English, US"]
    reading = read(table(joins(headers, write, answers)))

    assert Reading.from_json(reading.to_json()) == reading


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[
            ("1h 2m 3s", 3723),
            ("1 hr 2 min", 3720),
            ("62", 3720),
            ("PT1H2M", 3720),
            ("01:02:03", 3723),
            ("2m 10s", 130),
        ],
        *[
            ("1 Std. 2 Min.", 3720),
            ("1 saat 2 dk", 3720),
            ("1 小时 2 分钟", 3720),
            ("1 گھنٹہ 2 منٹ", 3720),
            ("٦٢", 3720),
        ],
        *[("many", None), ("", None), ("1 parsec", None)],
    ],
)
def test_durations_in_any_dress(text, seconds):
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "day", "seconds"),
    [
        ("5/11/2020, 9:51:00 AM", "5/11/2020", 35_460),
        ("\u200e5\u200e/\u200e11\u200e/\u200e2020, 9:51:00\u202fAM", "5/11/2020", 35_460),
        ("11.05.20 12:00:01 a. m.", "11/05/20", 1),
        ("2020-05-11T09:51:00", "2020-05-11", 35_460),
        ("11. Mai 2020 09:51:00", "2020-05-11", 35_460),
        ("11 مئی 2020 09:51", "2020-05-11", 35_460),
        ("2020年5月11日 下午1:05:00", "2020-05-11", 47_100),
        ("12:05 PM", "", 43_500),
    ],
)
def test_moments_in_any_dress(text, day, seconds):
    stamp = read_stamp(text)

    assert (stamp.day, stamp.seconds) == (day, seconds)


@pytest.mark.parametrize("text", ["Ali Khan", "25:61:00", "31/02/2020", "", "12", "99:99"])
def test_what_is_no_moment_is_none(text):
    assert read_stamp(text) is None
