"""`grader autograde`: nbgrader's autograde, spread over processes or a cluster."""

import sys

# jsonschema builds a grammar of internationalized addresses as it is imported, for 0.7 s; no notebook has any.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
