"""Every write to certificates: issuing, drawing, revoking and replacing."""
