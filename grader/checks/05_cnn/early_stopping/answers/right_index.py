"""The numbers of this epoch and of the best one."""


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_at, self.now = math_inf, -1, -1

    def step(self, val_loss):
        self.now += 1
        if self.best - val_loss > self.min_delta:
            self.best, self.best_at = val_loss, self.now
        return bool(self.now - self.best_at >= self.patience)


math_inf = float("inf")
