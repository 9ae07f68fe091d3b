"""Grading a notebook out of process, and the nbgrader preprocessors around it."""
