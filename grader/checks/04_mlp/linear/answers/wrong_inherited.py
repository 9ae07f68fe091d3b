"""Nothing is written: it inherits from PyTorch's."""
# hint: nothing left to write
# pista: no queda nada que escribir


class Linear(nn.Linear):
    pass
