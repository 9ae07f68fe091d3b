"""Buffers count as parameters"""
# title.es: Los buffers cuentan como parámetros
# hint.en: Your code counts all of state_dict(), which holds the running means of batch normalisation too: no gradient adjusts those. See which method lists parameters alone.
# hint.es: Tu código cuenta todo lo que hay en state_dict(), que también guarda las medias de la normalización por batch: ningún gradiente las ajusta. Mira qué método da solo los parámetros.
# class: serious


def count_parameters(model, trainable_only=True):
    per_name = {n: p.numel() for n, p in model.state_dict(keep_vars=True).items() if p.requires_grad or not trainable_only or "running" in n or "num_batches" in n}
    return sum(per_name.values()), per_name
