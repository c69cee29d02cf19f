import pytest

from tests.factories import ApprovalLinkFactory, ConsentRequestFactory, TicketFactory


@pytest.fixture
def link(db):
    """Live, sent for a ticket that waits."""
    request = ConsentRequestFactory(asked=True)
    return ApprovalLinkFactory(
        request=request, from_ticket=TicketFactory(request=request, waiting=True)
    )
