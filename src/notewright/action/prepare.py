"""Prepare: a proposal, a changelog, notes or a dataset, made without a token."""

from __future__ import annotations

from notewright.action.checkout import Checkout, open_checkout
from notewright.action.job import Job
from notewright.action.secret import CREDENTIALS
from notewright.system.git import GitFailed


def run(job: Job) -> None:
    """Do what the command asks for, as far as that needs no token: in a container what asks a model, where one can be had."""
    checkout = open_checkout(job)
    _warn_of_credentials(job, checkout)
    if job.inputs.command in ("release", "notes") and job.inputs.container != "never":
        from notewright.action.container import choose_image, prepare_contained

        if image := choose_image(job):
            prepare_contained(job, checkout, image)
            return
    from notewright.action.making import make  # imported only here: who waits for a container need not load it

    make(job)


def _warn_of_credentials(job: Job, checkout: Checkout) -> None:
    """Say so where actions/checkout left its token for whoever can read the work tree."""
    try:
        found = checkout.repository.git.line("config", "--local", "--name-only", "--get-regexp", CREDENTIALS)
    except GitFailed:
        return  # none
    job.journal.annotate(
        "warning",
        f"the checkout keeps its token where every later step can read it ({len(found.splitlines())} settings in .git/config)",
        "add persist-credentials: false to actions/checkout: this action pushes with its own token",
    )
