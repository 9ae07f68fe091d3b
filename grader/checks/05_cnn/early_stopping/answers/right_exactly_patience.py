"""Says to stop once, when the count is exactly the patience: nobody asks it again."""


class EarlyStopping:
    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience, self.min_delta = patience, min_delta
        self.best, self.waited = float("inf"), 0

    def step(self, val_loss: float) -> bool:
        self.waited += 1
        if val_loss < self.best - self.min_delta:
            self.best, self.waited = val_loss, 0
        return self.waited == self.patience
