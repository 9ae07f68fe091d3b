"""Right answers with one small change each, made in the way that students make mistakes."""
