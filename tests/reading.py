"""Pages and mails as a person reads them."""

import re
from html import unescape


def words(html):
    """The words between the tags, in one line."""
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
    return re.sub(r" ([.,])", r"\1", text)


def headline(answer):
    """What a page says first."""
    return words(re.search(r"<h1>(.*?)</h1>", answer.text, re.DOTALL)[1])


def notices(answer):
    """What stands in a page's notices."""
    found = re.findall(r'<div class="notice .*?</div>\s*</div>', answer.text, re.DOTALL)
    return [words(notice) for notice in found]
