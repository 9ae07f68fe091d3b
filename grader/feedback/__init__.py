"""What people read of a graded notebook."""
