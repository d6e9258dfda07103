"""The prober's process (探测器进程): drivers, spool, uplink and main loop; no Django in here."""
