"""Who gets the cents that do not divide? Whole amounts in proportion to weights, by largest remainder.

Every share is rounded down, and the cents left over go one each to the largest remainders; of equal remainders the
first in order is served first. The sum is the total, always. An amount below zero is shared like one above it.
"""

from collections.abc import Sequence


def apportioned(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Whole shares of `total` in the order of the weights. Raises ValueError for a weight below 0, or none above 0."""
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("nothing to share by")
    sign, amount = (-1, -total) if total < 0 else (1, total)
    divided = [divmod(amount * weight, whole) for weight in weights]
    shares = [share for share, _ in divided]
    by_remainder = sorted(range(len(weights)), key=lambda i: -divided[i][1])
    for i in by_remainder[: amount - sum(shares)]:
        shares[i] += 1
    return tuple(sign * share for share in shares)
