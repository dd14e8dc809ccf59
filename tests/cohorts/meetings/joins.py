"""The joins of one class, as the programs of many languages write them."""

from datetime import datetime, timedelta

from tests.cohorts.meetings.files import roster, slot

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
# headings, how a moment is written, yes and no, delimiter, encoding
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
