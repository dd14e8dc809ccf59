"""Parsing what people send about places: one form for the page and the API."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trainees import rules
from trainees.models import Trainee

CONSENT_VERSION = "2020-04"
PERSON_FIELDS = (
    *("full_name", "full_name_ur", "father_or_husband_name", "cnic", "email", "mobile", "date_of_birth", "gender"),
    *("category", "degree", "university", "graduation_year", "employer", "district", "province"),
)


class RegistrationForm(forms.Form):
    """Everything asked of a new trainee; what is typed in any usual way is read, the rest is explained."""

    full_name = forms.CharField(
        label=_("Full name"), max_length=300, help_text=_("As on your CNIC. It is printed on the certificate.")
    )
    full_name_ur = forms.CharField(
        label=_("Full name in Urdu"), max_length=120, required=False, help_text=_("Also printed, if you give it.")
    )
    father_or_husband_name = forms.CharField(label=_("Father's or husband's name"), max_length=120)
    cnic = forms.CharField(label=_("CNIC number"), max_length=60, help_text=_("13 digits; dashes and spaces are fine."))
    date_of_birth = forms.CharField(
        label=_("Date of birth"), max_length=60, help_text=_("Day, month, year, as 14/08/1997.")
    )
    gender = forms.ChoiceField(
        label=_("Gender"), choices=[("F", _("Woman")), ("M", _("Man"))], widget=forms.RadioSelect
    )
    email = forms.CharField(label=_("E-mail"), max_length=320, help_text=_("You sign in with it."))
    mobile = forms.CharField(label=_("Mobile"), max_length=60, help_text=_("For changes on the same day."))
    district = forms.CharField(label=_("District"), max_length=80)
    province = forms.ChoiceField(label=_("Province"), choices=[("", _("Choose")), *Trainee.Province.choices])
    category = forms.ChoiceField(
        label=_("You are"),
        choices=[("graduate", _("Fresh graduate")), ("professional", _("Working professional"))],
        widget=forms.RadioSelect,
    )
    degree = forms.CharField(label=_("Degree"), max_length=160)
    graduation_year = forms.CharField(label=_("Year of graduation"), max_length=20)
    university = forms.CharField(label=_("University"), max_length=160)
    employer = forms.CharField(label=_("Employer"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Choose a password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(render_value=True),
        help_text=_("At least 10 characters. Three unrelated words work well."),
    )
    consent = forms.BooleanField(
        label=_(
            "I agree that the programme office keeps these details to run the programme, as the privacy notice says."
        ),
        error_messages={"required": _("Without your agreement we may not keep your details.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = {"email": "email", "mobile": "tel", "full_name": "name", "password": "new-password"}
        for name, hint in hints.items():
            self.fields[name].widget.attrs["autocomplete"] = hint
        self.fields["full_name_ur"].widget.attrs |= {"lang": "ur", "dir": "rtl"}
        for name in ("cnic", "graduation_year"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):  # Django's own message repeats what was typed
                field.error_messages["invalid_choice"] = _("Choose one of the answers.")
            if isinstance(field, forms.CharField):
                field.validators = [each for each in field.validators if "NullCharacters" not in type(each).__name__]

    def clean_full_name(self) -> str:
        return rules.require(rules.read_name(self.cleaned_data["full_name"]))

    def clean_full_name_ur(self) -> str:
        return rules.require(rules.read_name_ur(self.cleaned_data["full_name_ur"]))

    def clean_father_or_husband_name(self) -> str:
        return rules.require(rules.read_name(self.cleaned_data["father_or_husband_name"]))

    def clean_cnic(self) -> str:
        reading = rules.read_cnic(self.cleaned_data["cnic"])
        if "cnic_length" in reading.problems:
            raise forms.ValidationError(rules.explain_cnic_length(self.cleaned_data["cnic"]), code="cnic_length")
        return rules.require(reading)

    def clean_email(self) -> str:
        return rules.require(rules.read_email(self.cleaned_data["email"]))

    def clean_mobile(self) -> str:
        return rules.require(rules.read_mobile(self.cleaned_data["mobile"]))

    def clean_date_of_birth(self) -> Any:
        return rules.require(rules.read_birth_date(self.cleaned_data["date_of_birth"], on=timezone.localdate()))

    def clean_graduation_year(self) -> int:
        this_year = timezone.localdate().year
        return rules.require(rules.read_year(self.cleaned_data["graduation_year"], until=this_year + 1))

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if rules.drop_invisible(password) != password:
            raise forms.ValidationError(_("A password cannot hold invisible signs; type another."), code="invisible")
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("district", "degree", "university", "employer"):
            if name in data:
                self._read_words(name, data)
        return data

    def _read_words(self, name: str, data: dict[str, Any]) -> None:
        limit = self.fields[name].max_length  # type: ignore[attr-defined]
        try:
            data[name] = rules.require(rules.read_words(data[name], limit=limit))
        except forms.ValidationError as error:
            self.add_error(name, error)
            return
        if not data[name] and self.fields[name].required:
            self.add_error(name, forms.ValidationError(_("This field is required."), code="required"))

    @property
    def person(self) -> dict[str, Any]:
        """Return the fields of `Trainee` that were read."""
        return {name: self.cleaned_data[name] for name in PERSON_FIELDS}


class CancelSessionForm(forms.Form):
    reason = forms.CharField(label=_("Why was it not held?"), max_length=200)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class CapacityForm(forms.Form):
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=100_000)


class AutoPromoteForm(forms.Form):
    auto_promote = forms.BooleanField(
        label=_("Before the start, enrol the next in line at once instead of offering the place"), required=False
    )


class TransferForm(forms.Form):
    cohort = forms.CharField(label=_("To cohort"), max_length=30)
    carry = forms.BooleanField(label=_("Carry over the sessions attended"), required=False)
