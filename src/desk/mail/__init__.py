"""Mails as files, where there is no mail server, and the page that shows them."""
