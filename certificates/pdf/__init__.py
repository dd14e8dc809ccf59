"""Drawing certificates: `markup` and `design` say what stands where, `art` makes the frame, `engine` joins them with
text that WeasyPrint sets, `seal` signs the file."""
