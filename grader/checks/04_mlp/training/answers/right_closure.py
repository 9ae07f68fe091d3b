"""Losses kept in lists, a closure for the step, sums of per-sample losses."""


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model.to(device)
    model.train()
    losses, hits, sizes = [], [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)

        def closure():
            model.zero_grad()
            logits = model(x)
            loss = loss_fn(logits, y)
            loss.backward()
            losses.append(loss.detach())
            hits.append((logits.detach().max(dim=1).indices == y).float().sum())
            return loss

        optimizer.step(closure)
        sizes.append(y.shape[0])
    sizes = torch.tensor(sizes, dtype=torch.float64)
    losses, hits = torch.stack(losses).cpu().double(), torch.stack(hits).cpu().double()
    return float((losses * sizes).sum() / sizes.sum()), float(hits.sum() / sizes.sum())


@torch.inference_mode()
def evaluate(model, loader, loss_fn, device="cpu"):
    model.eval()
    model.to(device)
    logits, labels = [], []
    for x, y in loader:
        logits.append(model(x.to(device)))
        labels.append(y.to(device))
    logits, labels = torch.cat(logits), torch.cat(labels)
    return loss_fn(logits, labels).item(), (logits.argmax(-1) == labels).double().mean().item()
