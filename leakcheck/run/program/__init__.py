"""Running any program, seen from outside: nothing is put into it."""
