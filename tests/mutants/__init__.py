"""Small faults put into the code on purpose, one at a time: ``make mutants`` draws them by a seed and lists those that no test notices."""
