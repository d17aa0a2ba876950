"""Judging again what was once asked, from a record that holds no person: same functions, same answer."""
