"""`grader audit`: whether an exercise is ready for students, measured with changed right answers."""
