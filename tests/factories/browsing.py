"""A person in a browser without scripts, for the pages of a running Desk."""

import re
from http.cookiejar import CookieJar
from urllib import parse, request

__all__ = ["Browser"]


class Browser:
    """Keeps cookies from page to page."""

    def __init__(self, url):
        self.url = url
        self.opener = request.build_opener(request.HTTPCookieProcessor(CookieJar()))

    def page(self, path):
        """Give a page's status, address and text."""
        with self.opener.open(self.url + path) as answer:
            return answer.status, answer.url, answer.read().decode()

    def log_in(self, name, password):
        """Fill in the form of the log-in."""
        _, address, page = self.page("/staff/tickets/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        body = parse.urlencode(fields).encode()
        with self.opener.open(request.Request(address, body, {"Referer": address})):
            return
