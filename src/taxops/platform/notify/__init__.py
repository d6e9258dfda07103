"""Notices (通知): in-app, mail, webhook and robots, with one delivery log.

`services.tell` is all that other rooms need. The live topic `notify.person.<id>` rings for one person.
"""
