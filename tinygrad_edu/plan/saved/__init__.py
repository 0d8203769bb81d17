"""Plans in files: a program as plain values and arrays, and how it is rebuilt and run without the step.

Reading order: saved_values, blueprint (the format), plan_saving, rebuilt_program, saved_plan.
"""
