"""Every write to accounts, trainees and messages."""

from trainees.services.people import CnicAlreadyRegistered, create_trainee

__all__ = ["CnicAlreadyRegistered", "create_trainee"]
