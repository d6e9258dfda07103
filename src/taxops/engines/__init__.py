"""Ground floor: pure engines. No Django, no clock reads, no globals; enter each by its front door."""
