"""cosh for the derivative, in-place work on tensors of its own, ReLU as a mean."""


def activation(name):
    def logistic(x):
        e = x.abs().neg_().exp_()
        return torch.where(x < 0, e, torch.ones_like(e)).div_(1 + e)

    def hyperbolic(x):
        e = torch.expm1(-2 * torch.abs(x))
        return torch.sign(x) * (-e / (e + 2))

    def rectifier(x):
        return (x + x.abs()) * 0.5 if x.numel() and x.abs().max() < 1e38 else torch.where(x > 0, x, x * 0)

    return dict(sigmoid=logistic, tanh=hyperbolic, relu=rectifier)[name]


def act_grad(name):
    def d_logistic(x):
        e = torch.exp(-abs(x))
        return e / (1 + e) ** 2

    def d_hyperbolic(x):
        return 1 / torch.cosh(x.clamp(-40, 40)) ** 2

    def d_rectifier(x):
        return x.gt(0).type_as(x)

    return dict(sigmoid=d_logistic, tanh=d_hyperbolic, relu=d_rectifier)[name]
