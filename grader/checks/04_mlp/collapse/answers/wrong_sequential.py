"""It returns the stack."""
# hint.en: Make a new nn.Linear
# hint.es: Crea una nn.Linear nueva


def collapse(layers):
    return layers
