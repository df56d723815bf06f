"""The class at a glance: what came of a folder of reports, for whoever teaches."""
