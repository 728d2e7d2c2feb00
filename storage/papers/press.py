"""``Press``: implements the domain's ``Papers``."""

from __future__ import annotations

import asyncio

from domain.papers.content import Content
from domain.papers.sheets import PrintedForm


class Press:
    """Makes the files of papers, beside the event loop. Its libraries are loaded when the first paper is made.

    ``public_url`` is where people find us: QR codes lead there.
    """

    def __init__(self, public_url: str | None = None) -> None:
        self._public_url = public_url

    async def pdf(self, content: Content) -> bytes:
        """``content`` as PDF/A-2b with its fonts in it: the same bytes whenever it is made."""
        return await asyncio.to_thread(_pdf, content, self._public_url)

    async def word(self, content: Content) -> bytes:
        """``content`` as a Word file: the same bytes whenever it is made."""
        return await asyncio.to_thread(_word, content, self._public_url)

    async def form_pdf(self, form: PrintedForm) -> bytes:
        """``form`` as PDF/A-2b: the same bytes whenever it is made."""
        return await asyncio.to_thread(form_pdf, form)

    async def form_word(self, form: PrintedForm) -> bytes:
        """``form`` as a Word file: the same bytes whenever it is made."""
        return await asyncio.to_thread(_form_word, form)


def _pdf(content: Content, public_url: str | None) -> bytes:
    from storage.papers.pdf import pdf
    from storage.papers.plain import settable

    return pdf(settable(content), public_url)


def _word(content: Content, public_url: str | None) -> bytes:
    from storage.papers.plain import settable
    from storage.papers.word import docx

    return docx(settable(content), public_url)


def form_pdf(form: PrintedForm) -> bytes:
    """``form`` as PDF/A-2b: the same bytes whenever it is made."""
    from storage.papers import pdf
    from storage.papers.plain import settable_form

    return pdf.form_pdf(settable_form(form))


def _form_word(form: PrintedForm) -> bytes:
    from storage.papers.plain import settable_form
    from storage.papers.word_form import form_docx

    return form_docx(settable_form(form))
