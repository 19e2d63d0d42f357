"""`moothall`: every command."""

import sys

from portal.cli.lazy import LazyGroup, Named
from portal.errors import DomainError, SetupError

commands = LazyGroup(
    name="moothall",
    help="One account, one sign-in and every council service behind it.",
    headings={
        "See it run": {
            "demo": Named("portal.cli.demo:demo", "Run the whole portal here with invented people, until Ctrl-C."),
        },
        "Serve": {
            "web": Named("portal.cli.serving:web", "Serve the portal."),
            "worker": Named("portal.cli.worker:worker", "Do the work that pages leave for later."),
            "provider": Named(
                "portal.cli.provider:provider", "Our own OpenID Provider: serve it, its clients, its keys."
            ),
        },
        "Set up": {
            "settings": Named(
                "portal.cli.settings_sheet:settings", "Print every setting as a sample environment file."
            ),
            "check": Named("portal.cli.check:check", "Check settings, database, providers and services."),
            "identity": Named("portal.cli.identity:identity", "How residents sign in: check the providers, our keys."),
            "db": Named("portal.cli.database:db", "The database's tables: upgrade, downgrade, status, revision."),
        },
        "Look after": {
            "service": Named(
                "portal.cli.services:service", "The council's services: list, switch off and on, back offices."
            ),
            "link-out": Named(
                "portal.cli.linkouts:link_out",
                "Link-outs, services on other sites: add, list, off, on, rotate, remove.",
            ),
            "accounts": Named(
                "portal.cli.accounts:accounts", "Residents' accounts: what opens one, moving all to another provider."
            ),
            "audit": Named("portal.cli.audit:audit", "The audit trail: seal it, verify it, export it for an auditor."),
            "cases": Named("portal.cli.cases:cases", "Cases: the teams that get them, and how long they are kept."),
            "payments": Named(
                "portal.cli.payments:payments",
                "Payments: reconcile them with the gateway, see what stands on the accounts.",
            ),
            "staff": Named("portal.cli.staff:staff", "Staff at the desk: who may do what there."),
            "people": Named(
                "portal.cli.people:people",
                "Those who sign in at our own provider: list, add, remove, reset.",
            ),
        },
    },
)


def main() -> None:
    """Run the command. What the installation got wrong is said in a sentence, without a trace."""
    try:
        commands(prog_name="moothall")
    except SetupError as error:
        sys.exit(str(error))
    except DomainError as error:
        sys.exit(error.sentence)


if __name__ == "__main__":
    main()
