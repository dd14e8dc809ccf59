"""Reports of the programme and of a cohort as PDF: asked for by the office, drawn by the worker."""
