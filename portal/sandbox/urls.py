"""Addresses of the sandbox."""

from django.urls import path

from portal.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("", views.index, name="index"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<int:key>/", views.mail, name="mail"),
    path("mailbox/<int:key>/html/", views.mail_html, name="mail-html"),
    path("mailbox.json", views.mailbox_json, name="mailbox-json"),
    path("reset/", views.reset, name="reset"),
]
