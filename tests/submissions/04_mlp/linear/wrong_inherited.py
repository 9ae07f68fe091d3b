"""Nothing is written: it inherits from PyTorch's."""
# hint: inherits from nn.Linear has nothing left
# pista: hereda de nn.Linear ya no tiene


class Linear(nn.Linear):
    pass
