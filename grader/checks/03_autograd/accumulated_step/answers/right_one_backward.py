"""The losses are added up, and one backward follows."""


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    loss = sum(len(x) / n * loss_fn(model(x), y) for x, y in micro_batches)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()
