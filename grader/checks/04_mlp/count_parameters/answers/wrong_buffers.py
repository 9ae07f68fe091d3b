"""state_dict holds buffers too."""
# hint.en: Buffers (the running means
# hint.es: Los buffers (las medias


def count_parameters(model, trainable_only=True):
    per_name = {n: p.numel() for n, p in model.state_dict(keep_vars=True).items() if p.requires_grad or not trainable_only or "running" in n or "num_batches" in n}
    return sum(per_name.values()), per_name
