"""The model is left in evaluation mode."""
# hint: train() and eval() are for whoever lent the model
# pista: train() y eval() le tocan a quien prestó el modelo


def accumulated_step(model, opt, loss_fn, micro_batches):
    n = sum(len(x) for x, _ in micro_batches)
    opt.zero_grad()
    total = 0.0
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) * len(x) / n
        loss.backward()
        total += loss.item()
    opt.step()
    model.eval()
    return total
