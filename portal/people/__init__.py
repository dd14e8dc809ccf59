"""Pages and acts about a person that reach over several apps."""
