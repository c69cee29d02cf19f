"""Addresses of the desk."""

from django.urls import path

from portal.desk import actions, apps, attachments, mails, queue, radar, worker

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("codes/", queue.codes, name="codes"),
    path("radar/", radar.radar, name="radar"),
    path("worker/", worker.worker, name="worker"),
    path("apps/", apps.index, name="apps"),
    path("apps/<slug:slug>/", apps.app, name="app"),
    path("mails/", mails.index, name="mails"),
    path("mails/<int:key>/again/", mails.again, name="mail-again"),
    path("mails/<slug:action>/", mails.act, name="act-on-mails"),
    path("attachments/<str:public_id>/", attachments.attachment, name="attachment"),
    path("tickets/new/", actions.new, name="new"),
    path("tickets/<str:number>/", queue.ticket, name="ticket"),
    path("tickets/<str:number>/<slug:action>/", actions.act, name="act"),
    path("links/<int:key>/<slug:action>/", actions.act_on_link, name="act-on-link"),
    path("tenants/<int:key>/", queue.tenant, name="tenant"),
]
