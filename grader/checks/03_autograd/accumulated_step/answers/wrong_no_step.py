"""No step is taken."""
# hint: The weight of the model after the step
# pista: después del paso


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    opt.zero_grad()
    total = 0.0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) * len(x) / n
        loss.backward()
        total += loss.item()
    return total
