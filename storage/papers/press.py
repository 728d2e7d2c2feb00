"""``Press``: implements the domain's ``Papers``."""

from __future__ import annotations

import asyncio

from domain.papers.content import Content


class Press:
    """Makes the files of papers, beside the event loop. Its libraries are loaded when the first paper is made."""

    async def pdf(self, content: Content) -> bytes:
        """``content`` as PDF/A-2b with its fonts in it: the same bytes whenever it is made."""
        return await asyncio.to_thread(_pdf, content)

    async def word(self, content: Content) -> bytes:
        """``content`` as a Word file: the same bytes whenever it is made."""
        return await asyncio.to_thread(_word, content)


def _pdf(content: Content) -> bytes:
    from storage.papers.pdf import pdf
    from storage.papers.plain import settable

    return pdf(settable(content))


def _word(content: Content) -> bytes:
    from storage.papers.plain import settable
    from storage.papers.word import docx

    return docx(settable(content))
