"""The library with Waybill in it: admin, pages, API, command line, background. `manage.py test`"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import TransactionTestCase
from django.urls import reverse

from library.models import Book, Genre


class Library(TransactionTestCase):
    """Ada may see rare books, Ben may not, Dan is no librarian."""

    def setUp(self):
        poems, novels = (Genre.objects.create(name=name) for name in ("Poems", "Novels"))
        for number in range(60):
            Book.objects.create(
                title=f"=Book {number}", genre=novels if number % 3 else poems, rare=number < 10
            )
        self.poems = poems
        for name in ("ada", "ben", "dan"):
            user = User.objects.create_user(name, is_staff=name != "dan")
            rights = ["view_book", "change_book"] if name == "ada" else ["view_book"]
            user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        self.folder = Path(self.enterContext(TemporaryDirectory()))

    def log_in(self, name):
        self.client.force_login(User.objects.get(username=name))

    def fetched(self, response):
        self.assertEqual(response.status_code, 200)
        return b"".join(response).decode("utf-8-sig").splitlines()

    def lead(self, response):
        """Send the dialog that a page shows, as its form stands."""
        self.assertContains(response, 'action="/exports/new/books/start"')
        asked = {"format": "csv"}
        for line in response.content.decode().split("<input")[1:]:
            if 'type="hidden"' in line and 'name="csrf' not in line:
                name, value = (line.split(f'{key}="')[1].split('"')[0] for key in ("name", "value"))
                asked.setdefault(name, []).append(value)
        return self.client.post(reverse("waybill:start", args=["books"]), asked)

    def test_the_admin_exports_what_its_list_shows(self):
        self.log_in("ada")
        page = self.client.get(
            f"/admin/library/book/?genre__id__exact={self.poems.pk}&rare__exact=0"
        )
        address = page.context_data["export_address"]
        self.assertContains(page, "Export books")
        rows = self.fetched(self.lead(self.client.get(address)))
        self.assertEqual(len(rows) - 1, page.context_data["cl"].result_count)

    def test_the_order_of_the_admins_list_is_the_files(self):
        self.log_in("ada")
        page = self.client.get("/admin/library/book/?o=-1")
        rows = self.fetched(self.lead(self.client.get(page.context_data["export_address"])))
        titles = [row.split(",")[1].removeprefix("'") for row in rows[1:]]
        self.assertEqual(titles, sorted(titles, reverse=True))

    def test_a_filter_without_a_counterpart_names_the_rows(self):
        self.log_in("ada")
        page = self.client.get("/admin/library/book/?title__endswith=7")
        dialog = self.client.get(page.context_data["export_address"])
        self.assertContains(dialog, "6 selected rows")
        self.assertEqual(len(self.fetched(self.lead(dialog))), 7)

    def test_the_action_exports_the_selected_rows(self):
        self.log_in("ada")
        keys = [*Book.objects.values_list("pk", flat=True)[:3]]
        chosen = {"action": "export_selected", "_selected_action": keys}
        dialog = self.client.post("/admin/library/book/", chosen)
        self.assertEqual(len(self.fetched(self.lead(dialog))), 4)

    def test_the_action_takes_the_whole_list_where_that_is_chosen(self):
        self.log_in("ada")
        keys = [*Book.objects.values_list("pk", flat=True)[:3]]
        chosen = {"action": "export_selected", "_selected_action": keys, "select_across": "1"}
        dialog = self.client.post("/admin/library/book/?rare__exact=1", chosen)
        self.assertEqual(len(self.fetched(self.lead(dialog))), 11)

    def test_rows_out_of_reach_are_in_no_file(self):
        self.log_in("ben")
        answer = self.client.post(
            "/api/v1/books/export", {"format": "json"}, content_type="application/json"
        )
        data = json.loads(b"".join(answer))["data"]
        self.assertEqual(len(data), 50)
        self.assertEqual({book["rare"] for book in data}, {False})

    def test_the_policy_decides_who_sees_the_button(self):
        self.log_in("dan")
        self.assertEqual(self.client.get("/exports/new/books/").status_code, 404)
        self.log_in("ben")
        self.assertContains(self.client.get("/admin/library/book/"), "Export books")

    def test_a_worker_makes_a_large_export(self):
        self.log_in("ada")
        body = {"format": "excel", "async": True}
        answer = self.client.post("/api/v1/books/export", body, content_type="application/json")
        self.assertEqual(answer.status_code, 202)
        call_command("db_worker", "--batch", "--queue-name", "*", verbosity=0)
        job = self.client.get(answer.json()["status_url"]).json()
        self.assertEqual((job["status"], job["exported_items"]), ("completed", 60))
        file = b"".join(self.client.get(job["download_url"]))
        self.assertTrue(file.startswith(b"PK"))

    def test_the_command_line_writes_a_file_that_proves_itself(self):
        out = self.folder / "books.csv"
        call_command("waybill_export", "books", "-o", str(out), verbosity=0)
        self.assertIn("'=Book 7", out.read_text(encoding="utf-8-sig"))
        call_command("verify_export", str(out), f"{out}.receipt.json")
