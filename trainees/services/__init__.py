"""Every write to accounts, trainees and messages."""

from trainees.services.people import CnicAlreadyRegistered, EmailAlreadyRegistered, create_trainee

__all__ = ["CnicAlreadyRegistered", "EmailAlreadyRegistered", "create_trainee"]
