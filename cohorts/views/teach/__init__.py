"""What instructors see and do: their day, registers, check-in, ledgers."""
