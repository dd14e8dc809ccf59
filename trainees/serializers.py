"""What the API shows of a person."""

from typing import Any

from rest_framework import serializers

from trainees.models import Trainee
from trainees.rules import mask_cnic, read_mobile, read_words, require


class TraineeSerializer(serializers.ModelSerializer[Trainee]):
    """A trainee; the CNIC is masked for everybody, `POST trainees/<number>/cnic/` reveals it to who may."""

    cnic = serializers.SerializerMethodField()

    class Meta:
        model = Trainee
        fields = [
            *("number", "full_name", "full_name_ur", "father_or_husband_name", "cnic", "email", "mobile"),
            *("date_of_birth", "gender", "category", "degree", "university", "graduation_year", "employer"),
            *("district", "province"),
        ]
        read_only_fields = fields

    def get_cnic(self, trainee: Trainee) -> str:
        return mask_cnic(trainee.cnic)


class ContactSerializer(serializers.Serializer[Any]):
    """What a trainee may change alone."""

    mobile = serializers.CharField(max_length=60, required=False)
    district = serializers.CharField(max_length=80, required=False)

    def validate_district(self, value: str) -> str:
        return require(read_words(value, limit=80))

    def validate_mobile(self, value: str) -> str:
        return require(read_mobile(value))
