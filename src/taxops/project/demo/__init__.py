"""The demonstration (演示): a province, its people, its systems; invented, deterministic, repeatable.

Places and their division codes are public geography; every person, phone number and figure is invented.
"""
