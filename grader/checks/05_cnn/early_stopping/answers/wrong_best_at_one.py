"""The best loss starts at 1."""
# hint: a first loss above 1 must count
# pista: una primera pérdida mayor que 1


class EarlyStopping:
    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best = 1.0
        self.without_improvement = 0

    def step(self, val_loss: float) -> bool:
        if val_loss < self.best - self.min_delta:
            self.best = val_loss
            self.without_improvement = 0
        else:
            self.without_improvement += 1
        return self.without_improvement >= self.patience
