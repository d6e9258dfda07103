"""Plain rows (整批行): many rows in one statement where making and saving objects would cost most of the time.

For the few paths that carry hundreds of events a second (alert decisions, notices, live events); everything else uses
Django's models as they are. The tables, their names and their column types stay those of the models.
"""

from .plain import Bundle, Table, among, ask, do, instant_of, json_of, moment

__all__ = ["Bundle", "Table", "among", "ask", "do", "instant_of", "json_of", "moment"]
