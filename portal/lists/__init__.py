"""The office's lists: each said once, for its page, its file, its saved views and the acts on many of its rows."""
