"""Every list as CSV or as a workbook, row by row, so that 200,000 rows need no more memory than two hundred."""
