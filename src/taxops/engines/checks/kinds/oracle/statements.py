"""The SQL of each part (查询语句): SELECT on V$ and DBA_ views only, from 11.2 on."""

from __future__ import annotations

INSTANCE = """
SELECT i.instance_name, i.host_name, i.version, i.status, i.database_status, i.logins, i.archiver,
       ROUND((SYSDATE - i.startup_time) * 86400) AS uptime_s,
       d.name AS database_name, d.open_mode, d.database_role, d.log_mode
FROM v$instance i CROSS JOIN v$database d
"""
LIMITS = """
SELECT resource_name, current_utilization, TRIM(limit_value) AS limit_value
FROM v$resource_limit WHERE resource_name IN ('processes', 'sessions')
"""
SESSIONS = """
SELECT COUNT(*) AS sessions,
       SUM(CASE WHEN status = 'ACTIVE' AND type = 'USER' THEN 1 ELSE 0 END) AS active,
       SUM(CASE WHEN blocking_session IS NOT NULL THEN 1 ELSE 0 END) AS blocked,
       MAX(CASE WHEN blocking_session IS NOT NULL THEN seconds_in_wait ELSE 0 END) AS longest_wait_s
FROM v$session
"""
# at most the last day and 500 lines: the alert log of a busy database is large
ALERT = """
SELECT * FROM (
  SELECT ROUND((CAST(SYSTIMESTAMP AS DATE) - CAST(originating_timestamp AS DATE)) * 86400) AS age_s,
         SUBSTR(message_text, 1, 400) AS message_text
  FROM v$diag_alert_ext
  WHERE originating_timestamp > SYSTIMESTAMP - NUMTODSINTERVAL({minutes}, 'MINUTE')
    AND (message_text LIKE '%ORA-%' OR message_text LIKE '%TNS-%'
         OR message_text LIKE '%Checkpoint not complete%' OR message_text LIKE '%terminating the instance%')
  ORDER BY originating_timestamp DESC)
WHERE ROWNUM <= 500
"""
# the view counts what the files may still grow to, so a tablespace that extends itself is not called full
TABLESPACE = """
SELECT t.tablespace_name, t.contents, t.status,
       m.used_space * t.block_size AS used_bytes, m.tablespace_size * t.block_size AS most_bytes, m.used_percent
FROM dba_tablespaces t LEFT JOIN dba_tablespace_usage_metrics m ON m.tablespace_name = t.tablespace_name
"""
DATAFILE = """
SELECT f.file_name, f.tablespace_name, f.bytes, f.autoextensible, f.online_status, f.status,
       CASE WHEN f.autoextensible = 'YES' THEN GREATEST(f.maxbytes, f.bytes) ELSE f.bytes END AS most_bytes,
       NVL(s.free_bytes, 0) AS free_bytes
FROM dba_data_files f
LEFT JOIN (SELECT file_id, SUM(bytes) AS free_bytes FROM dba_free_space GROUP BY file_id) s
  ON s.file_id = f.file_id
"""
RECOVER = "SELECT COUNT(*) AS to_recover FROM v$recover_file"
ARCHIVE_AREA = """
SELECT name, space_limit, space_used, space_reclaimable, number_of_files FROM v$recovery_file_dest
"""
ARCHIVE_DEST = """
SELECT dest_id, dest_name, status, destination, error FROM v$archive_dest WHERE status <> 'INACTIVE'
"""
ARCHIVE_MODE = """
SELECT d.log_mode, i.archiver,
       (SELECT ROUND((SYSDATE - MAX(l.completion_time)) * 86400) FROM v$archived_log l) AS newest_age_s
FROM v$database d CROSS JOIN v$instance i
"""
BACKUP = """
SELECT session_key, input_type, status, ROUND((SYSDATE - start_time) * 86400) AS start_age_s,
       ROUND((SYSDATE - end_time) * 86400) AS age_s, output_bytes, elapsed_seconds
FROM v$rman_backup_job_details WHERE start_time > SYSDATE - {days} ORDER BY start_time DESC
"""
CORRUPTION = "SELECT COUNT(*) AS corrupt FROM v$database_block_corruption"
