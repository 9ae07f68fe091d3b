"""The stack itself is returned"""
# title.es: Se devuelve la propia pila de capas
# hint.en: Your function returns what it was given. What is asked is one new layer that does the same.
# hint.es: Tu función devuelve lo que recibió. Se pide una sola capa nueva que haga lo mismo.
# class: fatal


def collapse(layers):
    return layers
