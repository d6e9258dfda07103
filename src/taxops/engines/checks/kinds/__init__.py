"""Check kinds (检查类型): one module each, declared so that editors, command line and prober need no more."""

from taxops.engines.base import Registry

from . import (
    backup_check,
    dns_check,
    docker_check,
    es_check,
    file_check,
    flow_check,
    heartbeat_check,
    host_check,
    http_check,
    kafka_check,
    lb_check,
    manual_check,
    nginx_check,
    onvif_check,
    oslog_check,
    prometheus_check,
    redis_check,
    redis_cluster_check,
    redis_sentinel_check,
    registry_check,
    rtsp_check,
    snmp_check,
    sql_check,
    tcp_check,
    tls_check,
    weblogic_check,
)
from .declaration import (
    Database,
    Fact,
    Finding,
    Kind,
    Param,
    ParamType,
    Rows,
    SideAttempt,
    Tools,
    Wanted,
    Where,
)
from .reading import read_value
from .sql_guard import guard_select
from .threads import in_thread

registry: Registry[Kind] = Registry("检查类型")
for _module in (
    http_check,
    tcp_check,
    tls_check,
    dns_check,
    flow_check,
    nginx_check,
    redis_check,
    sql_check,
    kafka_check,
    host_check,
    oslog_check,
    heartbeat_check,
    lb_check,
    redis_cluster_check,
    redis_sentinel_check,
    es_check,
    docker_check,
    registry_check,
    weblogic_check,
    prometheus_check,
    file_check,
    backup_check,
    manual_check,
    rtsp_check,
    onvif_check,
    snmp_check,
):
    registry.add(_module.KIND.name, _module.KIND)

__all__ = [
    "Database",
    "Fact",
    "Finding",
    "Kind",
    "Param",
    "ParamType",
    "Rows",
    "SideAttempt",
    "Tools",
    "Wanted",
    "Where",
    "guard_select",
    "in_thread",
    "read_value",
    "registry",
]
