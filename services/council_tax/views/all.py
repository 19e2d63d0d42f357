"""Every page of council tax, so that the manifest has one name to import."""
