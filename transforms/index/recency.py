"""How much the age of an article counts when results are sorted by relevance: a little, and less with every month.

A score is multiplied by 1 + WEIGHT * 0.5 ** (age / HALF_LIFE_DAYS): by 1.5 for an article of today, 1.25 a month later,
1.03 after four. So of two articles that say the same the newer comes first, and none comes before one that says twice
as much.
"""

WEIGHT = 0.5
HALF_LIFE_DAYS = 30.0


def recency_factor(age_days: float) -> float:
    """Return what a score is multiplied by; an age before its instant counts as that much after it.

    >>> recency_factor(0), recency_factor(30), round(recency_factor(-120), 2)
    (1.5, 1.25, 1.03)
    """
    return float(1.0 + WEIGHT * 0.5 ** (abs(age_days) / HALF_LIFE_DAYS))
