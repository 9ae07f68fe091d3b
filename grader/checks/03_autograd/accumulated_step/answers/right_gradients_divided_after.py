"""The gradients are divided at the end."""


def accumulated_step(model, opt, loss_fn, micro_batches):
    opt.zero_grad(set_to_none=True)
    total, n = 0.0, 0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) * x.shape[0]
        loss.backward()
        total += loss.detach().item()
        n += x.shape[0]
    with torch.no_grad():
        for p in model.parameters():
            p.grad /= n
    opt.step()
    return total / n
