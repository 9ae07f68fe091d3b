"""Known mistakes as programs: what the checks observe in them, and whose answers a student's are."""
