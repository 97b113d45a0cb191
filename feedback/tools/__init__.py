"""Tools that a model may call: lists of them, whether calls fit, and old names found again under new ones."""
