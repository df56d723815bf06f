"""What is done to the site after Jupyter Book has written it, one step a module."""
