"""Compares with the loss before, and notes the best."""
# hint: compare with the best so far
# pista: compárala con la mejor hasta ahora


class EarlyStopping:
    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best = self.last = float("inf")
        self.without_improvement = 0

    def step(self, val_loss: float) -> bool:
        if val_loss < self.last - self.min_delta:
            self.without_improvement = 0
        else:
            self.without_improvement += 1
        self.last = val_loss
        self.best = min(self.best, val_loss)
        return self.without_improvement >= self.patience
