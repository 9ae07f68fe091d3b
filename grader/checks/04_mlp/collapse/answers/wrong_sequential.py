"""It returns the stack."""
# hint: Make a new nn.Linear
# pista: Crea una nn.Linear nueva


def collapse(layers):
    return layers
