"""zero_grad inside the loop."""
# hint: Only the last micro-batch counts
# pista: Solo cuenta el último micro-batch


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    total = 0.0
    for x, y in micro_batches:
        opt.zero_grad()
        loss = loss_fn(model(x), y) * len(x) / n
        loss.backward()
        total += loss.item()
    opt.step()
    return total
