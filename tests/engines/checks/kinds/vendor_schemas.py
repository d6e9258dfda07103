"""What the vendors publish about their answers, as JSON Schema: every fake peer's answer must fit.

Written from: elasticsearch-specification (cluster/health, cat/indices, cat/allocation), the Docker Engine
API's ContainerSummary and ContainerInspect, the Nacos open API's instance list, Eureka's REST operations, and
the entities of the WebLogic RESTful management reference (ServerRuntime and below), the GoldenGate REST
reference (extract and replicat status).
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
FLAG = {"type": "boolean"}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _items(item: dict[str, Any]) -> dict[str, Any]:
    return _object({"items": _list(item)})


ES_HEALTH = _object(
    {
        "cluster_name": TEXT,
        "status": {"enum": ["green", "yellow", "red", "GREEN", "YELLOW", "RED"]},
        "timed_out": FLAG,
        "number_of_nodes": INTEGER,
        "number_of_data_nodes": INTEGER,
        "active_primary_shards": INTEGER,
        "active_shards": INTEGER,
        "relocating_shards": INTEGER,
        "initializing_shards": INTEGER,
        "unassigned_shards": INTEGER,
        "delayed_unassigned_shards": INTEGER,
        "number_of_pending_tasks": INTEGER,
        "number_of_in_flight_fetch": INTEGER,
        "task_max_waiting_in_queue_millis": INTEGER,
        "active_shards_percent_as_number": {"type": ["number", "string"]},
    }
)
ES_INDICES = _list(
    {
        **_object(
            {},
            **{
                "health": TEXT,
                "status": TEXT,
                "index": TEXT,
                "pri": TEXT,
                "rep": TEXT,
                "docs.count": TEXT_OR_NULL,
                "store.size": TEXT_OR_NULL,
            },
        ),
        "additionalProperties": False,
    }
)
_SIZE = {"type": ["string", "integer", "null"]}
ES_ALLOCATION = _list(
    {
        **_object(
            {},
            **{
                "shards": TEXT,
                "disk.used": _SIZE,
                "disk.avail": _SIZE,
                "disk.total": _SIZE,
                "disk.percent": _SIZE,
                "node": TEXT,
            },
        ),
        "additionalProperties": False,
    }
)
DOCKER_LIST = _list(
    _object(
        {
            "Id": TEXT,
            "Names": _list({"type": "string", "pattern": "^/"}),
            "Image": TEXT,
            "State": {"enum": ["created", "running", "paused", "restarting", "removing", "exited", "dead"]},
            "Status": TEXT,
        }
    )
)
DOCKER_INSPECT = _object(
    {
        "Id": TEXT,
        "Name": TEXT,
        "RestartCount": INTEGER,
        "State": _object(
            {"Status": TEXT, "Running": FLAG, "OOMKilled": FLAG, "ExitCode": INTEGER},
            Health=_object({"Status": {"enum": ["none", "starting", "healthy", "unhealthy"]}}),
        ),
    }
)
_NACOS_HOST = _object(
    {"ip": TEXT, "port": INTEGER, "weight": {"type": "number"}, "healthy": FLAG, "enabled": FLAG},
    ephemeral=FLAG,
    clusterName=TEXT,
    serviceName=TEXT,
    instanceId=TEXT,
)
NACOS_V1 = _object({"name": TEXT, "hosts": _list(_NACOS_HOST)}, reachProtectionThreshold=FLAG)
NACOS_V2 = _object({"code": INTEGER, "data": NACOS_V1})
_EUREKA_INSTANCE = _object(
    {
        "instanceId": TEXT,
        "hostName": TEXT,
        "app": TEXT,
        "ipAddr": TEXT,
        "status": {"enum": ["UP", "DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"]},
        "port": _object({"$": INTEGER, "@enabled": {"enum": ["true", "false"]}}),
    }
)
EUREKA = _object(
    {
        "applications": _object(
            {"application": _list(_object({"name": TEXT, "instance": _list(_EUREKA_INSTANCE)}))}
        )
    }
)
_WLS_HEALTH = _object({"state": {"enum": ["ok", "warn", "critical", "failed", "overloaded", "unknown"]}})
WEBLOGIC = _object(
    {
        "serverRuntimes": _items(
            _object(
                {"name": TEXT, "state": TEXT, "healthState": _WLS_HEALTH},
                JVMRuntime=_object(
                    {"heapSizeMax": INTEGER, "heapSizeCurrent": INTEGER, "heapFreeCurrent": INTEGER}
                ),
                threadPoolRuntime=_object(
                    {
                        "executeThreadTotalCount": INTEGER,
                        "executeThreadIdleCount": INTEGER,
                        "hoggingThreadCount": INTEGER,
                        "stuckThreadCount": INTEGER,
                        "pendingUserRequestCount": INTEGER,
                        "queueLength": INTEGER,
                        "throughput": {"type": "number"},
                    }
                ),
                JDBCServiceRuntime=_object(
                    {
                        "JDBCDataSourceRuntimeMBeans": _items(
                            _object(
                                {
                                    "name": TEXT,
                                    "state": {
                                        "enum": ["Running", "Suspended", "Shutdown", "Overloaded", "Unknown"]
                                    },
                                    "activeConnectionsCurrentCount": INTEGER,
                                    "waitingForConnectionCurrentCount": INTEGER,
                                }
                            )
                        )
                    }
                ),
                JMSRuntime=_object(
                    {"JMSServers": _items(_object({"name": TEXT, "messagesCurrentCount": INTEGER}))}
                ),
            )
        )
    }
)
_OGG_STATUS = _object(
    {"status": {"enum": ["starting", "running", "stopped", "killed", "abended"]}},
    lag={"type": ["integer", "string"]},
    sinceLagReported={"type": ["integer", "string"]},
    lastStarted={},
)
OGG_STATUS = _object({"response": _OGG_STATUS})
OGG_LIST = _object({"response": _object({"items": _list(_object({"name": TEXT}))})})


def fitting(schema: dict[str, Any], value: Any) -> bytes:
    """Return a value as JSON after the vendor's schema has been seen to permit it."""
    jsonschema_rs.validator_for(schema).validate(value)
    return json.dumps(value).encode()
