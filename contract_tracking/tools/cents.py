"""Money that adds up: of what is rounded part by part nothing is lost."""

from itertools import accumulate, pairwise


def goods_price(currency, goods, below, fees, total):
    """How the goods and services of an order share in its total.

    Lines are rounded one by one, the order may round its taxes on the whole: that
    difference, half a cent a line at most, is the same for each. What else lowers the
    total, rebates and discounts on the whole order, lowers them in proportion. The same
    rule stands in :meth:`contract.facts._cte_lowered`.

    :param goods: totals with taxes of the lines that promise something, none of 0
    :param below: of the lines below zero
    :param fees: of the other lines
    :return: ``(share, cents)``: a line costs its own total × share + cents
    """
    above = sum(goods)
    if not above:
        return 1.0, 0.0
    lowered, cents = sum(below), 0.0
    rest = currency.round(total - above - lowered - sum(fees))
    lines = len(goods) + len(below) + len(fees)
    if abs(rest) <= lines * currency.rounding / 2:
        cents = rest / len(goods)
    else:
        lowered += rest
    share = max(0.0, 1 + lowered / above)
    return share, share and cents


def spread(currency, amounts, total=None):
    """Round amounts on their running sum.

    :param total: what they come to, if only roundings are between
    """
    exact = sum(amounts)
    near = len(amounts) * currency.rounding
    if total is not None and exact and abs(total - exact) < near:
        amounts = [amount * total / exact for amount in amounts]
    sums = accumulate(amounts, initial=0.0)
    return [
        currency.round(currency.round(after) - currency.round(before))
        for before, after in pairwise(sums)
    ]
