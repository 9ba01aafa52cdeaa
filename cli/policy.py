"""`policy`: are the policies well formed, do their examples hold, what do they say, and what do they rest on?"""

import click

from cli.policy_analysis import analyze
from cli.policy_assumptions import assumptions
from cli.policy_check import check
from cli.policy_diff import diff
from cli.policy_examples import test
from cli.policy_files import fmt, schema
from cli.policy_publish import publish
from cli.policy_show import show


@click.group()
def policy() -> None:
    """Policies: check them, try their examples, look at them, put them in force."""


for _verb in (check, test, show, diff, fmt, schema, assumptions, analyze, publish):
    policy.add_command(_verb)
