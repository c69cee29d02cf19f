"""Microsoft's login and Graph, simulated: one process, plain HTTP on the loopback, no Django in it.

It stands in where a real tenant would cost a licence and a day: the demo, the tests, the benchmarks.
What it answers follows what Microsoft's documentation and bug reports describe; what it never does
is to be kinder than Microsoft.
"""
