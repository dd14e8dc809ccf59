"""How certificates look and who signs them: versions of designs, signatories, pictures."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import Course, Programme


class Picture(models.Model):
    """A logo or a drawn signature, as we drew it anew from what was brought. Found by its sum and never changed."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()  # PNG
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256[:12]


class Signatory(models.Model):
    """Who signs: name, title and a signature, drawn as an SVG path (M, L, C only) in a box of 160 by 50 or a picture.

    Those of the course sign, if it has any; else those of the programme; else those of neither.
    """

    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    signature = models.TextField(blank=True)
    picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(
        Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="signatories"
    )
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="signatories")
    position = models.PositiveIntegerField()  # 1 at the left, 2 at the right

    class Meta:
        verbose_name_plural = "signatories"
        constraints = [
            models.UniqueConstraint(
                fields=["position"],
                condition=Q(programme__isnull=True, course__isnull=True),
                name="signatory_one_per_position",
            ),
            models.UniqueConstraint(fields=["programme", "position"], name="signatory_one_per_programme_position"),
            models.UniqueConstraint(fields=["course", "position"], name="signatory_one_per_course_position"),
            models.CheckConstraint(
                condition=Q(programme__isnull=True) | Q(course__isnull=True), name="signatory_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.title}"


class Template(models.Model):
    """One version of a design of a programme or a course; an edit makes the next version (R61)."""

    label = models.CharField(max_length=20, unique=True)  # what a certificate names
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="designs")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="designs")
    version = models.PositiveIntegerField()
    markup = models.TextField()
    style = models.TextField()
    frame = models.BooleanField(default=True)
    logo = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    in_use_since = models.DateTimeField(null=True, blank=True)  # empty: a draft; the newest in use is taken

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="template_version_once_per_programme"),
            models.UniqueConstraint(fields=["course", "version"], name="template_version_once_per_course"),
            models.CheckConstraint(
                condition=Q(programme__isnull=True, course__isnull=False)
                | Q(programme__isnull=False, course__isnull=True),
                name="template_of_programme_or_course",
            ),
        ]

    def __str__(self) -> str:
        return self.label
