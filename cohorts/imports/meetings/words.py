"""The words of meeting reports in the languages that Zoom, Teams, Meet and spreadsheets speak.

Each entry is a beginning of a word or phrase; `fold` makes both sides comparable. What no word tells, the
cells themselves do (`columns`): these lists only settle which of two like columns is meant.
"""

import re
import unicodedata

ARABIC_FORMS = str.maketrans("يىكةأإآٱؤئ", "یيکہااااوی".replace("ي", "ی"))
CLOSE_SCRIPTS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # written without spaces


def fold(text: str) -> str:
    """Return a text for comparing: one case, no marks over letters, no signs, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    kept = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", kept).translate(ARABIC_FORMS)).split()
    return " ".join(word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words)


# In the order of asking: what comes first wins where a header could mean both.
HEADERS = {
    "waiting": "waiting room|warteraum|salle d attente|sala de espera|sala d attesa|bekleme oda|wachtkamer|wachtruimte"
    "|зал ожидания|зале ожидания|غرفة الانتظار|انتظار|等候|待機室|대기실|प्रतीक्षा|ruang tunggu|poczekaln",
    "consent": "consent|disclaimer|recording|einwilligung|haftungs|consentement|avertissement|consentimiento|descargo"
    "|consentimento|isenção|consenso|onam|onay|toestemming|согласие|موافقة|رضامندی|录制|錄製|レコーディング|免責|동의|सहमति",
    "attended": "attended|teilgenommen|a participe|asistio|participou|ha partecipato|katildi mi|присутствовал|出席状态|حضر",
    "guest": "guest|is guest|gast|invite|invitado|convidado|ospite|konuk|misafir|гость|ضيف|مہمان|访客|來賓|来宾|ゲスト"
    "|게스트|अतिथि|tamu|gosc",
    "action": "user action|action|aktion|benutzeraktion|accion|acao|azione|eylem|islem|actie|действие|إجراء|کارروائی|عمل"
    "|操作|动作|アクション|작업|동작|कार्रवाई|tindakan|akcja|event type|status of user",
    "duration": "duration|time in|total time|attendance time|minutes|dauer|besprechungsdauer|zeit in|duree|temps|duracion"
    "|tiempo|duracao|tempo|durata|sure|toplam sure|duur|tijd in|продолжит|длительн|время на|مدة|دورانیہ|مدت|时长|持续|時長"
    "|持續|期間|通話時間|所要時間|参加時間|기간|지속|अवधि|durasi|czas trwania|czas w",
    "leave": "leave|left|exit|last seen|last leave|departure|verlassen|zeit des verlassens|austritt|letzter austritt|beendig"
    "|ausgetreten|sortie|heure de depart|depart|quitte|deconnexion|desconexion|dernier depart|hora de salida|salida|ultima salida|abandon|hora de saida"
    "|saida|ultima saida|ora di uscita|uscita|abbandon|ayrilma|ayrilis|son ayrilma|cikis|vertrek|verlaten|laatste vertrek"
    "|выход|время выхода|покин|отключ|مغادر|خروج|وقت خروج|آخر مغادرة|روانگی|چھوڑ|离开|離開|退出|退室|나간|퇴장|나가기|छोड़|प्रस्थान"
    "|keluar|meninggalkan|opuszcz|wyjsci|time exited|exited|salir|छोड़ने|log out|logout|check out|sign out",
    "registered": "registration time|approval status|registered on|registrierungszeit|heure d inscription|hora de registro",
    "join": "join|unirse|unirte|log in|login|check in|sign in|first join|joined|entry|enter|arriv|first seen|time joined|beitritt|beigetreten|erster beitritt|eintritt"
    "|zeitpunkt des beitritts|teilnahmezeit|heure d arrivee|arrivee|heure d entree|connexion|rejoint|premiere participation"
    "|heure de connexion|heure de participation|hora de entrada|entrada|hora de union|union|se unio|ingreso|incorporacion"
    "|primera union|conexion|ingresso|ora di ingresso|accesso|ora di accesso|ora di partecipazione|entrata|primo accesso"
    "|hora de ingresso|primeira entrada|katilma|katilim|ilk katilma|giris|toetred|deelname|deelgenomen|tijd van deelname"
    "|вход|время входа|присоедин|подключ|انضمام|دخول|شمولیت|شامل|داخل|加入|进入|進入|参加|參加|入室|참가|참여|입장|가입|शामिल"
    "|जुड़|bergabung|masuk|gabung|dolacz|wejsci",
    "upn": "upn|participant id|user principal|teilnehmer id|id du participant|id de participante|id del participante"
    "|id do participante|id partecipante|katilimci kimli|deelnemers id",
    "email": "email|e mail|mail|user email|correo|courriel|adresse e|e posta|eposta|почт|электронн|بريد|ای میل|邮箱|郵箱|邮件|郵件"
    "|メール|이메일|전자 메일|ईमेल|surel|poczt|username|user principal name",
    "father": "father|guardian|husband|parent|s o|d o|والد|ولدیت|سرپرست",
    "number": "trainee no|trainee number|trainee id|roll no|roll number|rollno|reg no|registration no|registration number"
    "|student id|student no|student number|enrolment no|enrollment no|matric|matrikel|رول نمبر|رجسٹریشن|ٹرینی نمبر|شمارہ",
    "first": "first name|given name|vorname|prenom|nombre de pila|voornaam|اسم اول|اول اسم|پہلا نام|名字",
    "last": "last name|surname|family name|nachname|familienname|nom de famille|apellido|sobrenome|apelido|cognome|soyad"
    "|achternaam|фамилия|عائلہ|اسم عائلہ|اسم اخیر|لقب|آخری نام|خاندانی نام|姓氏|苗字|nama belakang|nazwisko",
    "original": "original name|originalname|nom original|nom d origine|nombre original|nome original|nome originale"
    "|orijinal ad|oorspronkelijke naam|исходное имя|اسم اصلی|اصلی نام|原名|原始名称|元の名前",
    "role": "role|rolle|rol|ruolo|papel|funcao|роль|دور|کردار|角色|役割|役職|역할|भूमिका|peran|rola",
    "stamp": "timestamp|time stamp|zeitstempel|horodat|marca temporal|marca de tiempo|marca de hora|carimbo de|informazioni crono"
    "|data e ora|zaman damga|tijdstempel|отметка времени|طابع زمنی|وقت اندراج|时间戳|時間戳|タイムスタンプ|타임스탬프|टाइमस्टैम्प"
    "|utceventtimestamp|event timestamp|submitted|completion time|date and time|uhrzeit|heure|تاریخ",
    "answer": "are you present|present|attendance|are you attending|anwesend|presente|asistencia|حاضر|حاضری|出席|status",
    "serial": "sr no|s no|sr|sno|serial|no|nr|id|نمبر شمار|序号",
    "name": "name|full name|user name|display name|your name|trainee|participant|student name|attendee|nom|nombre|nome|naam|teilnehmer"
    "|participante|имя|фио|полное имя|участник|ad|adi|ad soyad|isim|tam ad|اسم|نام|پورا نام|名称|名稱|姓名|用户名|全名|名前|氏名|이름|성명"
    "|नाम|nama|imie|deelnemer|vollstandiger name|benutzername|volledige naam",
}
EXACT = {
    "名": "first",
    "姓": "last",
    "성": "last",
    "first": "first",
    "last": "last",
    "time": "stamp",
    "時間": "duration",
    "time in": "join",
    "in": "join",
    "in time": "join",
    "from": "join",
    "start": "join",
    "start time": "join",
    "time out": "leave",
    "out": "leave",
    "out time": "leave",
    "to": "leave",
    "end": "leave",
    "end time": "leave",
}
YES = "yes|y|true|1|ja|oui|si|sim|evet|نعم|ہاں|جی ہاں|جی|是|はい|да|tak|ya|हाँ|हां|예|네|o|✓|✔|present|حاضر|present yes|i am present"
NO = "no|n|false|0|nein|non|nao|hayir|لا|نہیں|جی نہیں|否|いいえ|нет|nie|tidak|नहीं|아니요|nee|absent|غیر حاضر|not present|x"
JOINED = (
    "join|beigetreten|zuvor beigetreten|rejoint|a rejoint|se unio|unido|entrou|ingressou|si e unito|ha partecipato|accesso"
    "|katildi|deelgenomen|toegetreden|присоедин|انضم|شامل|加入|已加入|参加|入室|참가|입장|dolacz|bergabung|शामिल|entered"
)
LEFT = (
    "left|leave|verlassen|hat verlassen|quitte|a quitte|parti|salio|abandono|saiu|uscito|ha abbandonato|abbandonat|ayrildi"
    "|verlaten|покин|вышел|غادر|چھوڑ|离开|已离开|離開|退出|退室|나감|퇴장|opusc|keluar|छोड़|exited"
)
BEFORE = "before|zuvor|avant|antes|prima|once|eerder|ранее|до|قبل|پہلے|之前|前に|이전|przed|sebelum|पहले"
ORGANISERS = (
    "organi|organi s|veranstalter|organisator|organisateur|duzenleyen|организатор|منظم|منتظم|组织者|主办|開催者|主催"
    "|host|co host|gastgeber|hote|anfitri|ospitante|ведущий|مضيف|میزبان|主持人|ホスト|호스트|instructor|teacher|trainer|producer"
)
HOST_MARKS = "host|co host|cohost|gastgeber|hote|anfitrion|anfitriao|میزبان|مضيف|主持人|ホスト|организатор|instructor|trainer|teacher"
OTHER_MARKS = (
    "guest|gast|invite|invitado|convidado|ospite|konuk|гость|ضيف|مہمان|访客|ゲスト|external|extern|externe|externo|unverified"
    "|nicht uberpruft|me|you|ich|moi|yo|eu|vous|du|self|presenter|attendee|unknown|web|app|phone|mobile|laptop|pc|online"
)
INFO = (  # first cells of lines that describe the meeting, never a person
    "meeting id|topic|meeting title|total number of participants|attended participants|start time|end time|meeting start"
    "|meeting end|meeting duration|average attendance|meeting summary|summary|participants|in meeting activities|besprechung"
    "|titel|startzeit|endzeit|beginn|ende|zusammenfassung|durchschnitt|titre|heure de debut|heure de fin|resume|titulo|hora de inicio"
    "|hora de fin|resumen|toplanti|baslangic|bitis|ozet|attendee report|report generated|host details|panelist details"
    "|attendee details|other attended|webinar|meeting code|created on|ended on|meet"
)
DEVICES = (
    "iphone|ipad|ipod|galaxy|samsung|redmi|xiaomi|poco|huawei|honor|infinix|tecno|itel|oppo|vivo|realme|nokia|oneplus|motorola"
    "|moto|pixel|lenovo|dell|hp|asus|acer|toshiba|macbook|laptop|desktop|pc|computer|android|tablet|mobile|phone|handy|note|sm|cph|rmx"
    "|qmobile|user|zoom|student|guest|gast|admin|owner|unknown|anonymous|participant|trainee|attendee|me|test|home|office|windows"
    "|chrome|call in user|caller|iphone von|device|utilisateur|benutzer|usuario|zoomer|new|my|unbekannt|invite|live|meet"
)
PARTS_OF_DEVICES = (
    "von|de|of|s|pro|max|plus|mini|lite|ultra|air|prime|hot|spark|y|a|x|se|xr|xs|j|c|f|m|p|gb|the|ki|ka|کا|کی"
)
AM = (
    "am|a m|ص|صباحا|上午|午前|오전|oo|पूर्वाह्न|قبل دوپہر|صبح|vorm|giorno|a.m|sa|πμ|de|dop|fm|ap|ก่อนเที่ยง|ق ظ|قبل از ظهر|לפנה צ|פצ|пр об|дп"
    "|পূর্বাহ্ণ|غ م|paradites|pg|முற்பகல்|priespiet|priekspusd|vm|v m"
)
PM = (
    "pm|p m|م|مساء|下午|午後|오후|os|अपराह्न|بعد دوپہر|دوپہر|شام|رات|nachm|p.m|ch|μμ|du|odp|pop|em|ip|หลังเที่ยง|ب ظ|بعد از ظهر|אחה צ|сл об|пп"
    "|অপরাহ্ণ|غ و|pasdites|ptg|பிற்பகல்|popiet|pecpusd|nm|n m"
)
MONTHS = (
    "jan january januar janvier enero janeiro gennaio ocak января янв януари يناير جنوری جانفي januari ene gen जनवरी stycznia oca",
    "feb february februar fevrier febrero fevereiro febbraio subat февраля фев فبراير فروری februari fev fevr फरवरी lutego sub",
    "mar march marz mars marzo marco mart марта мар مارس مارچ maart maret mrz मार्च marca maa",
    "apr april avril abril aprile nisan апреля апр أبريل ابریل اپریل abr avr अप्रैल kwietnia nis",
    "may mai mayo maio maggio mayis мая май مايو مایو مئی mei mag मई maja",
    "jun june juni juin junio junho giugno haziran июня июн يونيو یونیو جون giu जून czerwca haz",
    "jul july juli juillet julio julho luglio temmuz июля июл يوليو یولیو جولائی lug juil जुलाई lipca tem",
    "aug august aout agosto agustus augustus agustos августа авг أغسطس اگست ago अगस्त sierpnia agu",
    "sep sept september septembre septiembre setembro settembre eylul сентября сен سبتمبر ستمبر set सितंबर wrzesnia eyl",
    "oct october oktober octobre octubre outubro ottobre ekim октября окт أكتوبر اکتوبر okt out ott अक्टूबर pazdziernika eki",
    "nov november novembre noviembre novembro kasim ноября ноя نوفمبر نومبر नवंबर listopada kas",
    "dec december dezember decembre diciembre dezembro dicembre aralik декабря дек ديسمبر دسمبر des dez dic desember दिसंबर ara",
)
UNITS = {
    3600: "h|hr|hrs|hour|hours|std|stunde|stunden|heure|heures|hora|horas|ora|ore|sa|saat|uur|u|ч|час|часа|часов|ساعہ|ساعات|س|گھنٹہ"
    "|گھنٹے|小时|小時|時間|시간|घंटा|घंटे|jam|godz|j",
    60: "m|mn|min|mins|minute|minutes|minuten|minuto|minutos|minuti|dk|dakika|мин|минут|минуты|минута|دقیقہ|دقائق|د|منٹ|分|分钟|分鐘"
    "|분|मिनट|menit|minut|minuta",
    1: "s|sec|secs|second|seconds|sek|sekunde|sekunden|seg|segundo|segundos|secondi|sn|saniye|с|сек|секунд|секунды|ثانیہ|ثوان|ث|سیکنڈ"
    "|秒|초|सेकंड|detik|seconde",
}


def words(text: str) -> frozenset[str]:
    return frozenset(fold(each) for each in text.split("|"))


MONTH_NUMBERS = {fold(name): number for number, names in enumerate(MONTHS, 1) for name in names.split()}
UNIT_SECONDS = {fold(name): seconds for seconds, names in UNITS.items() for name in names.split("|")}


def begins(text: str, entries: str) -> int:
    """Return the length of the longest entry found in `text` at the beginning of a word, 0 when none is."""
    return _longest(fold(text), tuple(_folded(entries)))


_cache: dict[str, tuple[str, ...]] = {}


def _folded(entries: str) -> tuple[str, ...]:
    if entries not in _cache:
        _cache[entries] = tuple(sorted({fold(each) for each in entries.split("|")} - {""}, key=len, reverse=True))
    return _cache[entries]


def _longest(text: str, entries: tuple[str, ...]) -> int:
    padded = f" {text} "
    for entry in entries:
        whole = len(entry) <= 3 and not CLOSE_SCRIPTS.search(entry)  # a short one must be a word of its own
        if CLOSE_SCRIPTS.search(entry):
            if entry in text:
                return len(entry) * 2  # a sign says as much as two letters
        elif f" {entry}{' ' if whole else ''}" in padded:
            return len(entry)
    return 0
