"""A JupyterHub for courses: `grader hub init` writes it, `grader hub check` tries it."""
