"""Configuration drift (配置核对): approved against present as a diff; another person approves. V03."""
