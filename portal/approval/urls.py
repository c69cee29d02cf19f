"""Addresses of an administrator, and those to which Microsoft sends browsers back."""

from django.urls import path

from portal.approval import answers, pages, returns

app_name = "approval"
urlpatterns = [
    path("a/<str:token>/", pages.page, name="page"),
    path("a/<str:token>/continue/", pages.leave, name="continue"),
    path("a/<str:token>/result/", pages.result, name="result"),
    path("a/<str:token>/prove/", pages.prove, name="prove"),
    path("a/<str:token>/decline/", answers.decline, name="decline"),
    path("a/<str:token>/undo/", answers.undo, name="undo"),
    path("a/<str:token>/later/", answers.later, name="later"),
    path("a/<str:token>/not-me/", answers.not_me, name="not-me"),
    path("a/<str:token>/ask/", answers.ask, name="ask"),
    path("a/<str:token>/forward/", answers.forward, name="forward"),
    path("a/<str:token>/saw/", answers.saw, name="saw"),
    path("consent/return/", returns.consent, name="consent-return"),
    path("signin/return/", returns.sign_in, name="signin-return"),
]
