"""Notices (通知): in-app, mail, webhook and robots, with one delivery log."""
