"""Small inputs of real makers with the right value: ``NN-name`` and ``NN-name.right.txt``; ``table`` reads them."""
