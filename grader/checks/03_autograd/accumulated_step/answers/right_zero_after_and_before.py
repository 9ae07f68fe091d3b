"""grad = None for each parameter."""


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    for p in model.parameters():
        p.grad = None
    losses = []
    for x, y in micro_batches:
        loss = loss_fn(model(x), y)
        (loss * len(y) / n).backward()
        losses.append(loss.detach() * len(y))
    opt.step()
    opt.zero_grad()
    return (torch.stack(losses).sum() / n).item()
