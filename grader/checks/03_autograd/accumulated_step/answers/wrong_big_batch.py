"""All micro-batches are joined into the big batch."""
# hint: Call the model on each micro-batch by itself
# pista: Llama al modelo con cada micro-batch por separado


def accumulated_step(model, opt, loss_fn, micro_batches):
    x, y = (torch.cat(parts) for parts in zip(*micro_batches))
    opt.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    opt.step()
    return loss.item()
