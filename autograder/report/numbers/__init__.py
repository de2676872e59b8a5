"""The numbers of the report: points, exercises, mistakes, times, and needs."""
