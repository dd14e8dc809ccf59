"""Meeting reports and lists of attendance, read from files of any maker: no database, no clock."""
