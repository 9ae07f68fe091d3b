"""zero_grad inside the loop, and no weights."""
# hint: Only the last micro-batch counts
# pista: Solo cuenta el último micro-batch


def accumulated_step(model, opt, loss_fn, micro_batches):
    total = 0.0
    for x, y in micro_batches:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        total += loss.item() / len(micro_batches)
    opt.step()
    return total
