"""Who sits at the back office."""

import pytest
from django.contrib.messages import get_messages

from tests.factories import UserFactory


@pytest.fixture
def agent(db):
    return UserFactory()


@pytest.fixture
def desk(client, agent):
    """A browser in which an agent is signed in."""
    client.force_login(agent)
    return client


@pytest.fixture
def lead(client, db):
    """A browser in which a superuser is signed in."""
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.fixture
def act(desk):
    """Run an action on rows of one model; gives what was said, a line each."""

    def go(action, *rows, **more):
        name = rows[0]._meta.label_lower.replace(".", "/")
        chosen = {"action": action, "_selected_action": [row.pk for row in rows], **more}
        answer = desk.post(f"/admin/{name}/", chosen)
        said = [str(message) for message in get_messages(answer.wsgi_request)]
        assert answer.status_code == 302
        # The page that shows them uses them up.
        desk.get(answer.url)
        return said

    return go
