"""Following: a step's Python runs in every call, its operations are compared with a record, and computed at the end."""
