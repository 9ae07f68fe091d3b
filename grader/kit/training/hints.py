"""Hints to the usual mistakes of training loops."""

from __future__ import annotations

from grader.kit.messages import tr

ZERO_GRAD = tr(
    "From the second batch on, the weights are those of a loop that never clears its gradients: backward adds to"
    " .grad, so optimizer.zero_grad() belongs in every batch."
)
FIRST_TRAIN_MODE = tr("Call model.train() before the batches: nobody promises that the model comes in train mode.")
TRAIN_MODE = tr(
    "In the epochs before it trained in train mode: eval mode was set since, and holds until somebody calls"
    " model.train()."
)
EVAL_MODE = tr("In train mode dropout drops values, and batch normalisation goes by the batch: model.eval() ends that.")
NO_GRAD = tr("Validation builds a graph that nobody uses: put it under torch.no_grad().")
VALIDATES_ON_TRAIN = tr("Samples of train_loader go through the model without autograd, as in a validation.")
VAL_TRAINS = tr("Validation only looks: no backward, no step, and eval mode for layers that keep statistics.")
TRAINS_ON_VAL = tr(
    "Samples kept for validation were trained on: what was learned cannot be measured with them any more."
)
LAST_BATCH = tr("The last batch, which is not full, is left out: a loop over the loader visits it too.")
NO_VALIDATION_BETWEEN = tr(
    "Two epochs of training follow one another with no validation between them: every epoch ends with one."
)
VALIDATES_FIRST = tr(
    "You validate before the epoch's training: the last epoch is then never measured, and each loss is an epoch late."
)
GOES_BACK = tr(
    "Until the end, training goes on from where it is: load the best weights back once, after the last epoch."
)
CHANGED_BETWEEN = tr("Between a validation and the next epoch nothing should change the model.")
OTHER_START = tr("Train the model as it comes: initialise no layer anew, and train no copy of it.")
GRAD_LEFT_OFF = tr(
    "torch.set_grad_enabled(False) holds until somebody switches autograd on again, in the whole program: with"
    " torch.no_grad(): ends with its block."
)
LAST_KEPT = tr("That is the last epoch: what state_dict() gives are no copies, and change with the model.")
PARAMETERS_ONLY = tr("The parameters are right and the buffers are not: state_dict() holds both.")
TENSORS_KEPT = tr("A loss that is still a tensor keeps its whole graph in memory: store loss.item().")
DEVICE_IGNORED = tr("model.to(device) moves the model, once for all; the tensors of every batch go there as well.")
DEVICE_MIXED = tr(
    "Model, inputs and labels must lie on one device: move the model once, and both tensors of every batch. New tensors"
    " take device= too."
)
