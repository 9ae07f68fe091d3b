"""Sums first; the gradients are divided at the end."""


def accumulated_step(model, opt, loss_fn, micro_batches):
    opt.zero_grad()
    total, n = 0.0, 0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) * len(x)
        loss.backward()
        total, n = total + float(loss.detach()), n + len(x)
    for parameter in model.parameters():
        parameter.grad /= n
    opt.step()
    return total / n
