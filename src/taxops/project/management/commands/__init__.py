"""Django commands that we do in our own way (管理命令)."""
