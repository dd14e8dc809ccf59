"""Every write to cohorts, sessions, enrolments and marks; one module per kind of act."""
