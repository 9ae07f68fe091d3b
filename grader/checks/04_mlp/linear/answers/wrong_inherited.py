"""The class inherits from nn.Linear"""
# title.es: La clase hereda de nn.Linear
# hint.en: Your class inherits from nn.Linear, so nothing of it is yours. Inherit from nn.Module and make the parameters yourself.
# hint.es: Tu clase hereda de nn.Linear, así que nada de ella es tuyo. Hereda de nn.Module y crea tú los parámetros.
# class: fatal


class Linear(nn.Linear):
    pass
