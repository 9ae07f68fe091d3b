"""The laboratory for training loops: what runs beside the student, its probes, averages, accuracy, checkpoints."""
