"""Inference mode by decorator; the mode that was is given back."""


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model.to(device)
    model.train()
    losses, hits = [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item() * y.size(0))
        hits += (logits.argmax(dim=1) == y).tolist()
    return sum(losses) / len(hits), sum(hits) / len(hits)


@torch.inference_mode()
def evaluate(model, loader, loss_fn, device="cpu"):
    was_training = model.training
    model.to(device)
    model.eval()
    losses, hits = [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        losses.append(loss_fn(logits, y).item() * y.size(0))
        hits += (logits.argmax(dim=1) == y).tolist()
    model.train(was_training)
    return sum(losses) / len(hits), sum(hits) / len(hits)
