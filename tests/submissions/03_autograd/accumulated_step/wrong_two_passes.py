"""A second forward pass for the loss that is returned."""
# hint: The model does not see each micro-batch by itself, and once
# pista: El modelo no ve cada micro-batch por separado y una sola vez


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    opt.zero_grad()
    with torch.no_grad():
        total = sum(loss_fn(model(x), y).item() * len(x) / n for x, y in micro_batches)
    for x, y in micro_batches:
        (loss_fn(model(x), y) * len(x) / n).backward()
    opt.step()
    return total
