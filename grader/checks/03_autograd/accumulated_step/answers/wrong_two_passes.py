"""A second forward pass for the loss that is returned."""
# hint: The model is called again for the same samples
# pista: El modelo se llama otra vez con los mismos ejemplos


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    opt.zero_grad()
    with torch.no_grad():
        total = sum(loss_fn(model(x), y).item() * len(x) / n for x, y in micro_batches)
    for x, y in micro_batches:
        (loss_fn(model(x), y) * len(x) / n).backward()
    opt.step()
    return total
