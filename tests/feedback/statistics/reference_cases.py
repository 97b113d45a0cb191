"""Samples whose distances were computed independently; reference first, then current."""

import numpy as np


def normal_null():
    g = np.random.default_rng(101)
    return g.normal(0, 1, 1000).round(6), g.normal(0, 1, 800).round(6)


def normal_shift():
    g = np.random.default_rng(102)
    return g.normal(0, 1, 1000).round(6), g.normal(0.3, 1, 800).round(6)


def lognormal_integers():
    g = np.random.default_rng(104)
    return np.floor(g.lognormal(5, 0.8, 5000)), np.floor(g.lognormal(5.2, 0.8, 3000))


def mass_at_one():
    g = np.random.default_rng(106)
    reference = np.where(g.random(3000) < 0.6, 1.0, g.beta(8, 2, 3000)).round(6)
    return reference, np.where(g.random(1500) < 0.45, 1.0, g.beta(8, 2, 1500)).round(6)


def same_constant():
    return np.full(500, 7.0), np.full(300, 7.0)


def other_constant():
    return np.full(500, 7.0), np.full(300, 9.0)
