"""`grader autograde`: nbgrader's autograde, spread over processes or a cluster."""
