"""Addresses of a blocked user."""

from django.urls import path

from portal.public import asking, attachments, errors, linter, roads, tickets

app_name = "public"
urlpatterns = [
    path("", asking.start, name="start"),
    path("start/", asking.diagnosis, name="diagnosis"),
    path("ask/", asking.ask, name="ask"),
    path("ask/sent/", asking.sent, name="sent"),
    path("ask/again/", asking.again, name="again"),
    path("t/<str:token>/", tickets.page, name="ticket"),
    path("t/<str:token>/confirm/", tickets.confirm, name="confirm"),
    path("t/<str:token>/status.json", tickets.status, name="status"),
    path("t/<str:token>/reply/", tickets.reply, name="reply"),
    path("t/<str:token>/withdraw/", tickets.withdraw, name="withdraw"),
    path("t/<str:token>/tried/", tickets.tried, name="tried"),
    path("t/<str:token>/test/", tickets.test, name="test"),
    path("t/<str:token>/share/", tickets.share, name="share"),
    path("t/<str:token>/administrator/", tickets.administrator, name="administrator"),
    path("t/<str:token>/screenshot/", attachments.attach, name="screenshot"),
    path("stop/<str:token>/", tickets.stop, name="stop"),
    path("errors/", errors.index, name="errors"),
    path("errors/<str:written>/", errors.code, name="error"),
    path("help/", roads.index, name="help"),
    path("help/<slug:road>/", roads.road, name="road"),
    path("linter/", linter.linter, name="linter"),
]
