"""Setting the programme up on pages: the same readers and services as the files, with a preview before each save."""
