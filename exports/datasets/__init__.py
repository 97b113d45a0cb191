"""Data sets by reference: approved sets resolved, loaded, sampled and used to evaluate predictions."""
