"""Microsoft's login and Graph, simulated: one process, plain HTTP on the loopback, no Django in it.

It stands in where a real tenant would cost a licence and a day: in the demo, the tests and the
benchmarks. Its answers follow what Microsoft's documentation and bug reports describe, and it is
never kinder than Microsoft.
"""
