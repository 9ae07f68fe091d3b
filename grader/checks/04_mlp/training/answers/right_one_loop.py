"""One loop for both; the mode comes back as it was."""


def run(model, loader, loss_fn, optimizer, device):
    model.to(device)
    training = optimizer is not None
    before = model.training
    model.train(training)
    loss_sum, correct, count = 0, 0, 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * x.size(0)
            correct += int((torch.argmax(logits, -1) == y).sum())
            count += x.size(0)
    model.train(before)
    return loss_sum / count, correct / count


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    return run(model, loader, loss_fn, optimizer, device)


def evaluate(model, loader, loss_fn, device="cpu"):
    return run(model, loader, loss_fn, None, device)
