"""Code that the black-box suites share: servers in a temporary directory, clients, waiting."""
