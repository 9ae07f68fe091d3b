"""One step for each micro-batch."""
# hint: opt.step() belongs after the loop
# pista: opt.step() va después del bucle


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    total = 0.0
    for x, y in micro_batches:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(x) / n
    return total
