"""Attacks on the grader: one file an attack in ``corpus/``, named for what it tries.

A file is a student's notebook: a docstring that says what it tries, comments with what must come of it, and its cells,
each after a ``# %%`` line. The exercise under attack is ``double``, worth ten points; another one, ``triple``, is
solved correctly after the attack. The comments are

- ``# score:`` the points that ``double`` must get,
- ``# verdicts:`` the only verdicts that its checks may come to,
- ``# triple:`` the points that ``triple`` must get, where it is not ten,
- ``# restarts:`` how often the kernel must have been replaced, at least,
- ``# forbids:`` what the graded notebook must not contain, apart by semicolons,
- ``# plain: harmful`` where the attack would harm a machine that runs it unprotected.

A cell after ``# %% tamper`` is run by the runner itself, on the ``notebook`` as the student hands it in; one after
``# %% after`` lies behind the checks. In a source, ``@COURSE@``, ``@HIDDEN@``, ``@GRADER@`` and the like stand for
paths, ports and process ids: the attacks are told where everything is.
"""
