"""A loop for the power; the rates from get_last_lr; gradients cleared after the step."""


def step_lr(lr, epoch, step_size, gamma):
    for done in range(1, epoch + 1):
        if done % step_size == 0:
            lr = lr * gamma
    return float(lr)


def train_scheduled(model, loader, optimizer, scheduler, epochs):
    loss_fn = nn.CrossEntropyLoss()
    rates = []
    optimizer.zero_grad()
    for _ in range(epochs):
        model.train()
        (rate,) = scheduler.get_last_lr()
        for images, labels in loader:
            loss_fn(model(images), labels).backward()
            optimizer.step()
            optimizer.zero_grad()
        rates.append(float(rate))
        scheduler.step()
    return rates
