"""Mails that went to no server, as administrators read them."""

import stat

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from desk import addresses
from desk.mail.folder import mails
from desk.people.models import User
from tests.factories.jobs import claimed, finished
from waybill.values import ExportRequest
from waybill.work import notices


@pytest.fixture
def folder(settings, tmp_path):
    """Keep mails as files."""
    settings.MAILERS = {"default": addresses.mailer((tmp_path / "mail").as_uri())}
    return tmp_path / "mail"


@pytest.fixture
def as_person():
    def logged_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return logged_in


def _send(subject: str = "Grüße", html: str = "<p>Hello</p>") -> str:
    message = EmailMultiAlternatives(subject, "Hello\n<b>there</b>", to=["dan@desk.example"])
    message.attach_alternative(html, "text/html")
    message.send()
    return next(mails(1)).name


def test_a_mail_is_a_file_that_only_this_user_reads(folder) -> None:
    name = _send()

    file = folder / f"{name}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in folder.iterdir()] == [file.name]


@pytest.mark.django_db
def test_an_administrator_reads_them(folder, as_person, cleo) -> None:
    name = _send()
    client = as_person(cleo)

    listed = client.get(reverse("mail:list")).content.decode()
    shown = client.get(reverse("mail:detail", args=[name])).content.decode()

    assert "Grüße" in listed
    assert "dan@desk.example" in listed
    assert "&lt;b&gt;there&lt;/b&gt;" in shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")
def test_a_mail_of_an_export_is_for_those_who_may_know_of_the_export(
    folder, as_person, ada, ben, cleo
) -> None:
    made = {}
    for who in (ada, ben):
        finished(claimed(who, request=ExportRequest(resource="tickets")))
        assert notices.deliver_due() == 1
        made[who.username] = next(mails(1)).name
    plain = _send("A word of its own")

    for who in (ada, cleo):
        client, sees = as_person(who), who == ada
        listed = client.get(reverse("mail:list")).content.decode()
        assert plain in listed
        for name in made.values():
            assert (name in listed) is sees
            for page in ("detail", "html"):
                code = client.get(reverse(f"mail:{page}", args=[name])).status_code
                assert code == (200 if sees else 404)


def test_mails_are_kept_for_a_month_and_not_without_end(folder, monkeypatch) -> None:
    old = folder / "20200101-101010-0123456789ab.eml"
    folder.mkdir(mode=0o700)
    old.write_text("Subject: long ago")
    (folder / "0-letter.eml").write_text("Subject: of somebody else")
    monkeypatch.setattr("desk.mail.folder.KEPT", 3)
    names = [_send() for _time in range(5)]

    left = sorted(one.stem for one in folder.iterdir())
    assert left == sorted(["0-letter", *sorted(names)[-3:]])


@pytest.mark.django_db
def test_a_mails_html_may_bring_its_style_and_nothing_else(folder, as_person, cleo) -> None:
    name = _send(html="<style>p{color:red}</style><script>alert(1)</script>")

    answer = as_person(cleo).get(reverse("mail:html", args=[name]))

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["ben", "dan"])
def test_nobody_else_does(folder, as_person, person, request) -> None:
    name = _send()
    client = as_person(request.getfixturevalue(person))

    for page in ("list", "detail", "html"):
        address = reverse(f"mail:{page}", args=[] if page == "list" else [name])
        assert client.get(address).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing", "-", "20261120-101010-aaaa", "_"])
def test_a_mail_that_is_not_there_is_not_found(folder, as_person, cleo, name) -> None:
    assert as_person(cleo).get(f"/staff/mails/{name}/").status_code == 404


@pytest.mark.django_db
def test_with_a_server_the_page_says_so(as_person, cleo, settings) -> None:
    settings.MAILERS = {"default": addresses.mailer("smtp://mail.desk.example")}

    assert "go to the mail server" in as_person(cleo).get(reverse("mail:list")).content.decode()


def test_without_an_address_mails_are_files() -> None:
    from desk import settings

    assert settings.MAILERS["default"]["BACKEND"] == "desk.mail.folder.FolderBackend"
