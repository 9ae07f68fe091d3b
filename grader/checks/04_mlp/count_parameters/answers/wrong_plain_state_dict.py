"""state_dict of tensors, buffers included."""
# hint: Buffers (the running means
# pista: Los buffers (las medias


def count_parameters(model, trainable_only=True):
    per_name = {name: tensor.numel() for name, tensor in model.state_dict().items()}
    return sum(per_name.values()), per_name
