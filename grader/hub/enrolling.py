"""``python -m grader.hub.enrolling JSON`` in a course's folder: its students' names, put into its gradebook."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grader.course import Course


def enrol(folder: Path, students: list[list[str]]) -> None:
    """Adds students to a course's gradebook, or corrects their names: user, first name, last name, address."""
    course = CourseDirectory(config=Course.open(folder).config)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for user, first, last, email in students:
            gradebook.update_or_create_student(
                user, first_name=first or None, last_name=last or None, email=email or None
            )


if __name__ == "__main__":
    enrol(Path.cwd(), json.loads(sys.argv[1]))
