"""Lists of losses, inference_mode, zero_grad after the step, train(False)."""


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model = model.to(device)
    model.train()
    losses, sizes, hits = [], [], []
    optimizer.zero_grad(set_to_none=True)
    for batch in loader:
        x, y = (part.to(device) for part in batch)
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.detach())
        sizes.append(x.shape[0])
        hits.append(out.detach().argmax(dim=1).eq(y).float().sum())
    n = torch.tensor(sizes, dtype=torch.float64)
    total = (torch.stack(losses).cpu().double() * n).sum() / n.sum()
    return float(total), float(torch.stack(hits).sum().cpu() / n.sum())


@torch.inference_mode()
def evaluate(model, loader, loss_fn, device="cpu"):
    model = model.to(device)
    model.train(False)
    logits, labels, losses = [], [], 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits.append(model(x))
        labels.append(y)
        losses += float(loss_fn(logits[-1], y)) * y.shape[0]
    logits, labels = torch.cat(logits), torch.cat(labels)
    return losses / len(labels), (logits.max(1).indices == labels).double().mean().item()
