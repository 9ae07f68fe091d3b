"""state_dict, buffers taken out, each tensor once."""


def count_parameters(model, trainable_only=True):
    buffers = {name for name, _ in model.named_buffers()}
    seen, counts = set(), {}
    for name, value in model.state_dict(keep_vars=True).items():
        if name in buffers or id(value) in seen:
            continue
        seen.add(id(value))
        if value.requires_grad or not trainable_only:
            counts[name] = len(value.detach().flatten())
    return (sum(counts.values()), counts)
