"""What codes of a meeting report are called on its page."""

from django.utils.translation import gettext_lazy as lazy

MAKERS = {
    ("zoom", "joins"): lazy("Zoom participants"),
    ("zoom", "totals"): lazy("Zoom, sums only"),
    ("teams", "log"): lazy("Teams list of joining and leaving"),
    ("teams", "joins"): lazy("Teams report"),
    ("meet", "joins"): lazy("Meet attendance sheet"),
    ("meet", "seen"): lazy("Meet extension"),
    ("register", "register"): lazy("Register in a spreadsheet"),
    ("form", "checkin"): lazy("Check-in form"),
    ("list", "names"): lazy("List of names"),
}

SOURCES = {
    "file": lazy("as the file says"),
    "day over 12": lazy("no month has this number"),
    "session": lazy("so that it meets the session"),
    "given": lazy("settled by you"),
    "unused": lazy("no clock in the file needs it"),
    "assumed": lazy("assumed, the file doesn’t say"),
    "mark": lazy("as its first bytes say"),
    "utf-8": lazy("it reads so without a fault"),
    "zero bytes": lazy("by where its zero bytes stand"),
    "guess": lazy("assumed, by the words that it gives"),
    "workbook": lazy("as the file says"),
}

ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": lazy("Windows, Western"),
    "cp1256": lazy("Windows, Arabic and Urdu"),
    "cp1251": lazy("Windows, Cyrillic"),
    "cp1254": lazy("Windows, Turkish"),
    "cp1250": lazy("Windows, Central European"),
    "cp1253": lazy("Windows, Greek"),
    "cp1255": lazy("Windows, Hebrew"),
    "gb18030": lazy("Chinese, simplified (GB 18030)"),
    "big5": lazy("Chinese, traditional (Big5)"),
    "cp932": lazy("Japanese (Shift JIS)"),
    "cp949": lazy("Korean (cp949)"),
}
DELIMITER_NAMES = {",": lazy("commas"), ";": lazy("semicolons"), "\t": lazy("tabs"), "|": lazy("bars")}
MEANING_NAMES = {
    "name": lazy("name"),
    "first": lazy("first name"),
    "last": lazy("last name"),
    "original": lazy("another name"),
    "email": lazy("e-mail"),
    "upn": lazy("e-mail of the account"),
    "number": lazy("trainee number"),
    "join": lazy("joined at"),
    "leave": lazy("left at"),
    "duration": lazy("length of the stay"),
    "stamp": lazy("time of checking in, or of the act"),
    "action": lazy("joined or left"),
    "answer": lazy("present: yes or no"),
    "attended": lazy("attended: yes or no"),
    "waiting": lazy("waiting room: yes or no"),
    "guest": lazy("guest"),
    "role": lazy("role"),
    "father": lazy("father’s name"),
    "serial": lazy("serial number"),
    "mark": lazy("marks of this session"),
    "nothing": lazy("nothing that we need"),
}
SIGN_NAMES = {"late": lazy("L is late"), "excused": lazy("L is leave")}

ORDER_NAMES = {"dmy": lazy("day first"), "mdy": lazy("month first"), "ymd": lazy("year first")}

HOW = {
    "e-mail": lazy("by e-mail"),
    "number": lazy("by trainee number"),
    "name": lazy("by the whole name"),
    "number and name": lazy("by number and name"),
    "alias": lazy("by a label confirmed before"),
    "decided": lazy("decided here"),
    "removed": lazy("name kept no longer"),
    "host": lazy("host of the meeting"),
    "instructor's e-mail": lazy("instructor, by e-mail"),
    "instructor's name": lazy("instructor, by name"),
    "device": lazy("names a device, not a person"),
    "unknown": lazy("nobody of this name"),
    "shared name": lazy("several trainees have this name"),
    "shared": lazy("several trainees share the address"),
    "name of somebody else": lazy("address of one, name of another"),
    "address and number disagree": lazy("address and number disagree"),
    "number and name disagree": lazy("number and name disagree"),
    "evidence disagrees": lazy("the evidence disagrees"),
    "number of another cohort": lazy("trainee number of another cohort"),
}
