"""Who may do what where (身份与权限): organisations, people, roles, sessions, tokens."""
