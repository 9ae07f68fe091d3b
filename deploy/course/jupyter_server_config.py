"""A course's Formgrader in a cluster: read before what the image has for students."""

c = get_config()  # noqa: F821 - Jupyter's

c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
c.ServerApp.jpserver_extensions = {
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.validate_assignment": True,
    "nbgrader.server_extensions.course_list": False,
    "nbgrader.server_extensions.formgrader": True,
    "grader.hub.formgrader": True,  # Formgrader's buttons are `grader autograde`
}
