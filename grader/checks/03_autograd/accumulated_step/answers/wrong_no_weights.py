"""The losses are added up without weights."""
# hint: The losses are added without weights
# pista: Las pérdidas se suman sin pesos


def accumulated_step(model, opt, loss_fn, micro_batches):
    opt.zero_grad()
    total = 0.0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y)
        loss.backward()
        total += loss.item()
    opt.step()
    return total
