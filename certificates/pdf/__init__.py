"""Drawing certificates: `art` makes the frame, `engine` sets the text with WeasyPrint and joins both."""
