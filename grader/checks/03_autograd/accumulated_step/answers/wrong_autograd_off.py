"""Autograd is off afterwards."""
# hint: Autograd is still off after your function
# pista: Autograd sigue apagado después de tu función


def accumulated_step(model, opt, loss_fn, micro_batches):
    torch.set_grad_enabled(True)
    n = sum(len(x) for x, _ in micro_batches)
    opt.zero_grad()
    total = 0.0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) * len(x) / n
        loss.backward()
        total += loss.item()
    opt.step()
    torch.set_grad_enabled(False)
    return total
