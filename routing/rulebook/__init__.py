"""The rulebook: read whole, checked whole, compiled; the decision only ever sees a right one."""
