"""A step for each micro-batch, on gradients that pile up."""
# hint: opt.step() belongs after the loop
# pista: opt.step() va después del bucle


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    total = 0.0
    opt.zero_grad()
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) * len(x) / n
        loss.backward()
        opt.step()
        total += loss.item()
    return total
