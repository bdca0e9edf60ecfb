"""The command line tool clipcls, a C++ program; `clipcls --help` says what it does. There is no Python interface."""
