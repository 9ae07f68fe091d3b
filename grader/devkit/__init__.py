"""For authors of courses: scaffolding, answers, catalogues, calibration, demo classes."""
