"""Running a student's notebook in a process of its own.

A *zygote* process has torch imported and holds no secret; it forks one kernel for each notebook. The grader talks
to the kernel through Jupyter's channels, to run cells, and through one stream socket, to call the student's
functions (`grader.wire`). This folder knows nothing of exercises.
"""
