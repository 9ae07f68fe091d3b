"""Students' Jupyter servers in a cluster."""

c = get_config()  # noqa: F821 - Jupyter's

# Feedback pages are frames, which JupyterHub forbids altogether: a page of this address may hold one.
c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
c.ServerApp.jpserver_extensions = {
    "nbgrader.server_extensions.assignment_list": True,
    "nbgrader.server_extensions.validate_assignment": True,
    "nbgrader.server_extensions.course_list": False,
    "nbgrader.server_extensions.formgrader": False,
}
