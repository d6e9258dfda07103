"""Intake (接入): alerts and events from other systems' watches become alerts here. GX:61-109; JL:151-165.

Alertmanager (v4 webhook), Zabbix (webhook media type), generic events in batches, syslog by UDP and TCP. Each source
(接入来源) maps its labels to our systems and severities; what matches no system is kept in a queue and shown, never
dropped in silence. Out: Prometheus finds our checks' targets by HTTP service discovery.
"""
