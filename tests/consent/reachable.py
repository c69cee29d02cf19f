"""Where the doors of a state lead."""


def reachable(model, start):
    """Every state that moves lead to, from that one."""
    found, new = {start}, {start}
    while new:
        new = {to for to, come_from in model.COMES_FROM.items() if come_from & new} - found
        found |= new
    return found
