"""What is true at the simulated Microsoft at every instant, and whether our conclusions agree."""

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from consent.models import Check, ConsentRequest, Event, OutboxMessage, Rung

Kind = Event.Kind
#: How a look proves by itself, so that the grant must be there at that very look.
SEEN = {Rung.DIRECTORY, Rung.WITNESS}
LOOKS, SPAN = 3, timedelta(minutes=15)
#: More than this are told only after a second look.
MANY = 10
LONG_AGO = datetime(1970, 1, 1)  # noqa: DTZ001 -- all instants here are plain ones in UTC


class Truth:
    """Who approved what where, and when; and what of our rows was compared with that already."""

    def __init__(self):
        self._history = defaultdict(lambda: [(LONG_AGO, frozenset())])
        self._compared = 0

    def becomes(self, domain, names, now):
        """From now on these permissions are granted to everyone there."""
        self._history[domain].append((now.replace(tzinfo=None), frozenset(names)))

    def at(self, domain, instant):
        """The names of what was granted there then."""
        rows = self._history[domain]
        return rows[bisect_right([at for at, _names in rows], instant.replace(tzinfo=None)) - 1][1]

    def now(self, domain):
        """The same for the present."""
        return self._history[domain][-1][1]

    def was_whole_since(self, domain, since, whole):
        """Whether all of it was granted there at some time since then."""
        later = [names for at, names in self._history[domain] if at > since.replace(tzinfo=None)]
        return any(whole <= names for names in [self.at(domain, since), *later])

    def compare(self):
        """Every grant and withdrawal that is new since the last time was one at Microsoft too."""
        rows = Event.objects.filter(pk__gt=self._compared).order_by("pk")
        for event in rows.filter(kind__in=[Kind.REQUEST_GRANTED, Kind.REQUEST_REVOKED]):
            assert event.actor == "worker"
            request = ConsentRequest.objects.select_related("app").get(pk=event.request_id)
            if event.kind == Kind.REQUEST_GRANTED:
                self._was_granted(event, request)
            else:
                self._was_withdrawn(request)
        self._were_told_in_time(rows)
        self._compared = Event.objects.order_by("pk").values_list("pk", flat=True).last() or 0

    def _were_told_in_time(self, rows):
        """Many at once only after the grant was seen twice."""
        ready = Counter(rows.filter(kind=Kind.TICKET_READY).values_list("request_id", flat=True))
        for key in (key for key, told in ready.items() if told > MANY):
            assert ConsentRequest.objects.get(pk=key).confirmed_again_at

    def _was_granted(self, event, request):
        domain, whole = domain_of(request), whole_set(request)
        if event.detail in SEEN:
            assert whole <= self.at(domain, _looks(request)[-1].at)
        else:
            revoked = Event.objects.filter(kind=Kind.REQUEST_REVOKED, pk__lt=event.pk)
            at_place = revoked.filter(request_id__in=_at_place(request)).order_by("pk").last()
            since = at_place.at if at_place else LONG_AGO
            assert self.was_whole_since(domain, since, whole)

    def _was_withdrawn(self, request):
        """Three looks in a row, over a quarter of an hour, at none of which it was there."""
        domain, whole, missed = domain_of(request), whole_set(request), []
        for look in reversed(_looks(request)):
            if whole <= self.at(domain, look.at):
                break
            missed.append(look.at)
        assert len(missed) >= LOOKS
        assert missed[0] - missed[-1] >= SPAN


def domain_of(request):
    """The mail domain of its tenant."""
    return request.tenant.domains.get().name


def whole_set(request):
    """The names of all that an approval of its version grants; the witness is one of them."""
    witness = request.app.witness(request.permission_version)
    needed = request.app.needed(request.permission_version)
    return {one.name for one in needed | ({witness} if witness else set())}


def _at_place(request):
    of_place = ConsentRequest.objects.filter(tenant=request.tenant_id, app=request.app_id)
    return [*of_place.values_list("pk", flat=True)]


def _looks(request):
    """The looks at its tenant that told something, as they were written down."""
    looks = Check.objects.filter(watch__tenant=request.tenant_id, watch__app=request.app_id)
    return list(looks.filter(outcome__in=Check.TELLING).order_by("pk"))


def told_too_often():
    """The good news that was sent more than once for one ticket and permission version, beyond once
    more for each withdrawal in between.
    """
    sent = defaultdict(list)
    news = OutboxMessage.objects.filter(kind="consent_granted", state="sent")
    for key, request in news.values_list("key", "ticket__request"):
        sent[tuple(key.split(":")[1:3])].append(request)
    revoked = Event.objects.filter(kind=Kind.REQUEST_REVOKED).values_list("request_id", flat=True)
    places = [ConsentRequest.objects.get(pk=key) for key in revoked]
    return {
        ticket: requests
        for ticket, requests in sent.items()
        if len(requests) > 1 + sum(place.tenant_id == _tenant(requests[0]) for place in places)
    }


def _tenant(request):
    return ConsentRequest.objects.get(pk=request).tenant_id
