"""One module a command of the `taxops` programme; found by name, imported when called."""
