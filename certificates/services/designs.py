"""Designs as data: kept in versions, tried before use, found again for every certificate that names one."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.services import record
from certificates.models import Picture, Signatory, Template
from certificates.pdf import pictures
from certificates.pdf.design import SHIPPED, Design, check_design, shipped
from courses.models import Course, Programme
from trainees.models import User


@transaction.atomic
def save_design(
    *, scope: Programme | Course, design: Design, logo: bytes | None, by: User | None, at: datetime
) -> Template:
    """Keep a design as the next version of a programme or a course, as a draft (R61). Six queries.

    `logo` is a picture that was brought; without one the logo of `design` stays. Raises ValidationError with every
    problem by line, and BadPicture.
    """
    if problems := check_design(design.markup, design.style):
        lines = [_("line %(line)s: %(text)s") % {"line": each.line, "text": each.text} for each in problems]
        raise ValidationError({"markup": [ValidationError(line, code="design") for line in lines]})
    type(scope).objects.select_for_update(no_key=True).get(pk=scope.pk)  # two edits at once make two versions
    kind = "programme" if isinstance(scope, Programme) else "course"
    version = (Template.objects.filter(**{kind: scope}).aggregate(last=Max("version"))["last"] or 0) + 1
    picture = save_picture(content=logo, at=at) if logo else Picture.objects.filter(sha256=design.logo).first()
    template = Template.objects.create(
        label=f"{kind[0]}{scope.pk}-{version}",
        version=version,
        markup=design.markup,
        style=design.style,
        frame=design.frame,
        logo=picture,
        made_at=at,
        made_by=by,
        **{kind: scope},
    )
    record(act="design.save", by=by, at=at, subject=template, detail={"label": template.label})
    return template


@transaction.atomic
def use_design(*, template: Template, by: User | None, at: datetime) -> None:
    """Take a version for every certificate issued from now on; those that exist keep theirs. Two queries."""
    Template.objects.filter(pk=template.pk).update(in_use_since=at)
    record(act="design.use", by=by, at=at, subject=template, detail={"label": template.label})


def design_in_use(course: Course) -> str:
    """Return the label of the design that a course's next certificate takes. Two queries at most."""
    used = Template.objects.filter(in_use_since__isnull=False).order_by("-in_use_since", "-id")
    found = used.filter(course=course).first() or used.filter(programme=course.programme_id).first()
    return found.label if found else SHIPPED


def find_design(label: str) -> Design:
    """Return the design of a label. One query, none for the shipped one. Raises Template.DoesNotExist."""
    if label == SHIPPED:
        return shipped()
    row = Template.objects.select_related("logo").get(label=label)
    return Design(row.label, row.markup, row.style, row.frame, row.logo.sha256 if row.logo else "")


def find_picture(sha256: str) -> pictures.Picture:
    """Return a picture as a file takes it. One query."""
    return pictures.unpack(bytes(Picture.objects.get(sha256=sha256).content))


def save_picture(*, content: bytes, at: datetime) -> Picture:
    """Keep a picture that was brought, drawn anew; the same one once. Raises BadPicture. Two queries."""
    drawn, sha256 = pictures.accept_picture(content)
    return Picture.objects.get_or_create(sha256=sha256, defaults={"content": drawn, "made_at": at})[0]


def signatories_of(course: Course) -> list[dict[str, str]]:
    """Return who signs for a course, as a certificate keeps it (R52). Three queries at most."""
    everybody = Signatory.objects.select_related("picture").order_by("position")
    own = list(everybody.filter(course=course)[:2])
    own = own or list(everybody.filter(programme=course.programme_id)[:2])
    return as_printed(own or everybody.filter(programme=None, course=None)[:2])


def as_printed(signatories: Iterable[Signatory]) -> list[dict[str, str]]:
    """Return people who sign as a certificate keeps them."""
    return [
        {"name": each.name, "title": each.title}
        | ({"picture": each.picture.sha256} if each.picture else {"signature": each.signature})
        for each in signatories
    ]


@transaction.atomic
def save_signatory(*, signatory: Signatory, picture: bytes | None, by: User | None, at: datetime) -> Signatory:
    """Keep somebody who signs, with the picture of a signature that was brought, if any.

    What was issued before keeps its own. Raises BadPicture, and ValidationError when the place is taken.
    """
    if picture:
        signatory.picture = save_picture(content=picture, at=at)
    signatory.full_clean()
    signatory.save()
    record(act="signatory.save", by=by, at=at, subject=signatory, detail={"position": signatory.position})
    return signatory


@transaction.atomic
def remove_signatory(*, signatory: Signatory, by: User | None, at: datetime) -> None:
    """Take somebody off the next certificates. Two queries."""
    record(act="signatory.remove", by=by, at=at, subject=signatory, detail={"position": signatory.position})
    signatory.delete()
