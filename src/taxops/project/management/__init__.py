"""Management commands of the product (管理命令)."""
