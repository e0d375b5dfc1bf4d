"""Desk on six hosts, two of which are cut off in the middle (O4, J9, G1, G3)."""

import pytest

from tests.factories.company import company
from tests.plugins.desk_up import wait_for

pytestmark = [pytest.mark.slow(70), pytest.mark.timeout(900)]

EXPORTS = 60
FEW = 9  # done by all workers together before the cable is pulled


@pytest.fixture
def fleet(network):
    """Run the hosts of a company."""
    with company(network) as made:
        yield made


def status(fleet):
    return dict(fleet.rows("SELECT status, count(*) FROM waybill_exportjob GROUP BY 1"))


def asked(fleet):
    """Ask for all exports: two people, each at the web host of theirs."""
    callers = [
        fleet.caller(web, name) for web, name in zip(fleet.webs, ("ada", "ben"), strict=True)
    ]
    return [
        callers[number % 2].start(f"export-{number}", columns=["id", "subject", "description"])
        for number in range(EXPORTS)
    ]


def cut_in_the_middle(fleet):
    """Cut off a worker that has an export running, and a web host."""
    victim = fleet.workers[2]
    wait_for(lambda: status(fleet).get("completed", 0) >= FEW and fleet.ran_by(victim))

    def caught():
        victim.cut_off()
        # From here on it can end nothing: what it runs now, it loses.
        if fleet.runs_one(victim):
            return True
        victim.plug_in()
        return False

    wait_for(caught)
    fleet.webs[1].cut_off()
    return victim


def test_sixty_exports_on_three_hosts_survive_the_loss_of_one_of_them(fleet):
    """Nothing is lost, nothing is made twice, and whoever comes back spoils nothing."""
    made = asked(fleet)
    assert len(set(made)) == EXPORTS
    victim = cut_in_the_middle(fleet)
    before = fleet.ran_by(victim)

    wait_for(lambda: status(fleet) == {"completed": EXPORTS}, seconds=240)
    shares = [fleet.ran_by(worker) for worker in fleet.workers]
    assert sum(shares) == EXPORTS
    assert all(shares)
    assert shares[2] == before
    assert fleet.rows("SELECT sum(crashes) FROM waybill_exportjob") == [(1,)]

    victim.plug_in()
    fleet.webs[1].plug_in()
    wait_for(lambda: len(fleet.stores.inside(fleet.bucket.keys)) == EXPORTS)
    assert_each_was_made_once(fleet)


def assert_each_was_made_once(fleet):
    often = "SELECT count(*) FROM waybill_exportlog WHERE event = 'completed' GROUP BY job_id"
    assert fleet.rows(often) == [(1,)] * EXPORTS
    files = (
        "SELECT count(*), count(DISTINCT f.sha256) FROM waybill_exportfile f"
        " JOIN waybill_exportjob j ON j.file_id = f.id"
        " WHERE f.deleted_at IS NULL AND j.exported_items = j.total_items GROUP BY requester_id"
    )
    assert fleet.rows(files) == [(EXPORTS // 2, 1)] * 2
    fleet.command("verify_audit")
