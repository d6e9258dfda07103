"""Pages that belong to no system: the lab of the demonstration (实验室)."""
