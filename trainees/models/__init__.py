"""Who takes part: accounts, trainees, their consent and requests, and the messages sent to them."""

from trainees.models.account import User, UserManager
from trainees.models.message import Message
from trainees.models.request import ErasureRequest, NameChange, Request
from trainees.models.trainee import Consent, FormerNumber, NumberSequence, Trainee, TraineeQuerySet

__all__ = [
    "Consent",
    "ErasureRequest",
    "FormerNumber",
    "Message",
    "NameChange",
    "NumberSequence",
    "Request",
    "Trainee",
    "TraineeQuerySet",
    "User",
    "UserManager",
]
