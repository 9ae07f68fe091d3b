"""Makes plain ``nbgrader …`` commands work in this folder; the settings are in ``course_config.py``."""

c = get_config()
load_subconfig("course_config.py")
