"""nbgrader for a course's Formgrader in a cluster: the course's own configuration lies in its folder."""

c = get_config()

c.CourseDirectory.root = "/home/jovyan/course"
c.CourseDirectory.course_id = "torch-es"
c.Exchange.path_includes_course = False
# Who reaches this server teaches the course.
c.Authenticator.plugin_class = "nbgrader.auth.NoAuthPlugin"
