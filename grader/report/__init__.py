"""Reports for instructors, read from nbgrader's gradebook and the autograded notebooks: there is no second database."""
