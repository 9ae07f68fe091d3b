"""Makes plain ``nbgrader …`` commands work in this folder; the settings are in ``course_config.py``.

`configure` comes first: from there on an error, here or in the settings, ends a command before it does anything.
"""

from grader.configure import configure

c = get_config()
configure(c)
load_subconfig("course_config.py")
