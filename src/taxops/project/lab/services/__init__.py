"""The lab's own services, each a process (`python -m taxops.project.lab.services.<name>`)."""
