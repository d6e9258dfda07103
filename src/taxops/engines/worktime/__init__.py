"""Working calendars and clocks (工作日历与时限): pure functions of windows, legal days and event histories."""

from .civil import days_after, working_days_after
from .clock import KINDS, Clock, Event, Policy, State, replay
from .days import DayClass, LegalDays, shipped_legal_days
from .levy import is_levy_day, levy_last_day
from .shipped import calendar_from_json, shipped, shipped_names
from .workcalendar import WorkCalendar

__all__ = [
    "KINDS",
    "Clock",
    "DayClass",
    "Event",
    "LegalDays",
    "Policy",
    "State",
    "WorkCalendar",
    "calendar_from_json",
    "days_after",
    "is_levy_day",
    "levy_last_day",
    "replay",
    "shipped",
    "shipped_legal_days",
    "shipped_names",
    "working_days_after",
]
