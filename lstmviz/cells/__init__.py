"""The cells that come along: a file each, with its equations, its looks and its circuit.

Imports the engine, and the stage while a circuit is drawn. Nothing imports a cell from here:
`find_cell` finds every file of this folder, as it finds the cells of other packages. Begin with
`ugrnn`, which is a whole cell in one file; variants share a file with what they are variants of.

In all of them W is what the input passes through and R what the previous output passes
through: `t.affine("f", t.x, t.h_prev)` is W_f x + b_f + R_f h + rb_f. A published variant
that computes something else is a cell of its own name. The functions among the arguments
are those that a network's configuration may replace, under these names (`Cell.configured`).
"""
