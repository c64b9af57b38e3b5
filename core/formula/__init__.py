"""Index notation: one line states how every cell of an array is computed.

    X_out[n,o,i,j] = sum[c,s,t](K[o,(c,s,t)] * X_col[(c,s,t),(n,i,j)]) + bias[o]

From such a line follow the value of one cell or of all cells (`evaluate`), the terms that were
added with the cells that they came from (`terms`), and LaTeX (`latex`). The package knows no layer:
it evaluates names, arithmetic and a fixed list of functions, on arrays that it is given.
"""
