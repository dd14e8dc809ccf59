"""Pages of certificates: of the office, of holders, of everybody."""
