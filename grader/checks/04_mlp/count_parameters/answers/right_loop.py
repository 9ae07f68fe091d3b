"""A loop with math.prod over the shapes."""

import math

def count_parameters(model, trainable_only=True):
    total, per_name = 0, {}
    for name, parameter in model.named_parameters():
        if trainable_only and not parameter.requires_grad:
            continue
        size = math.prod(parameter.shape)
        per_name[name] = size
        total += size
    return total, per_name
