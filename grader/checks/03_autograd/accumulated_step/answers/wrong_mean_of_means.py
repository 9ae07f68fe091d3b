"""Every micro-batch weighs the same."""
# hint: A mean of means weighs every micro-batch alike
# pista: Una media de medias da el mismo peso


def accumulated_step(model, opt, loss_fn, micro_batches):
    opt.zero_grad()
    total = 0.0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) / len(micro_batches)
        loss.backward()
        total += loss.item()
    opt.step()
    return total
