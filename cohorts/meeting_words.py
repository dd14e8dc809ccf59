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
}

ORDER_NAMES = {"dmy": lazy("day first"), "mdy": lazy("month first"), "ymd": lazy("year first")}

HOW = {
    "e-mail": lazy("by e-mail"),
    "number": lazy("by trainee number"),
    "name": lazy("by the whole name"),
    "number and name": lazy("by number and name"),
    "alias": lazy("by a label confirmed before"),
    "decided": lazy("decided here"),
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
