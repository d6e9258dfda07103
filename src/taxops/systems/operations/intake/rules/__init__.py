"""Decisions of intake (接入规则): bodies to events, events to systems and severities, lines of syslog. Pure."""

from .bodies import MAX_BODY, MAX_EVENTS, parse_alertmanager, parse_events, parse_json, parse_zabbix
from .mapping import Mapped, Mapping, map_labels, parse_mapping, words_of
from .pushed import Pushed
from .syslog import Frames, Line, parse_line, pushed_of

__all__ = [
    "MAX_BODY",
    "MAX_EVENTS",
    "Frames",
    "Line",
    "Mapped",
    "Mapping",
    "Pushed",
    "map_labels",
    "parse_alertmanager",
    "parse_events",
    "parse_json",
    "parse_line",
    "parse_mapping",
    "parse_zabbix",
    "pushed_of",
    "words_of",
]
