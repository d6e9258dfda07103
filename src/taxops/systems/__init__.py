"""The seven systems, each one Django app. None imports another; none has privileges."""
