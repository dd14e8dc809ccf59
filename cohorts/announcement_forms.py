"""Parsing a letter to many people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.services.announcements import Letter


class LetterForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=150, required=False)
    body = forms.CharField(label=_("Text"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 8}))
    subject_ur = forms.CharField(label=_("Subject in Urdu"), max_length=150, required=False)
    body_ur = forms.CharField(
        label=_("Text in Urdu"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    send_after = forms.DateTimeField(
        label=_("Not before"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help_text=_("Leave empty to send at once."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("subject_ur", "body_ur"):
            self.fields[name].widget.attrs |= {"lang": "ur", "dir": "rtl"}

    @property
    def letter(self) -> Letter:
        given = (self.cleaned_data[name] for name in ("subject", "body", "subject_ur", "body_ur"))
        return Letter(*(" ".join(text.split()) if n % 2 == 0 else text.strip() for n, text in enumerate(given)))
