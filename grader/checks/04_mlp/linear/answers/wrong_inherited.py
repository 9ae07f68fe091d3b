"""Nothing is written: it inherits from PyTorch's."""
# hint.en: nothing left to write
# hint.es: no queda nada que escribir


class Linear(nn.Linear):
    pass
