"""Divides by the size of the dataset, and gives the mode back."""


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model = model.to(torch.device(device))
    model.train(True)
    running, correct = 0.0, 0
    for batch in loader:
        inputs, targets = [t.to(device, non_blocking=True) for t in batch]
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        running += float(loss) * inputs.size(0)
        correct += int(torch.sum(torch.max(outputs, 1)[1] == targets))
    return running / len(loader.dataset), correct / len(loader.dataset)


def evaluate(model, loader, loss_fn, device="cpu"):
    was_training = model.training
    model = model.to(device)
    model.train(False)
    running, correct = 0.0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        with torch.set_grad_enabled(False):
            outputs = model(inputs)
            running += float(loss_fn(outputs, targets)) * inputs.size(0)
        correct += int((torch.softmax(outputs, 1).argmax(1) == targets).sum())
    model.train(was_training)
    return running / len(loader.dataset), correct / len(loader.dataset)
