"""Long work on a queue: one transaction a unit of work; a job that fails raises."""
