"""Pages of the first floor: people, roles, audit, jobs, files, notices, assets."""
