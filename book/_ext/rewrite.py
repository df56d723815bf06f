"""Write every page again when what they all show has changed.

Sphinx writes only the pages that were read again.  But each page's sidebar holds all titles and numbers, and the
bibliography holds what the other pages cite.  Where one of these has changed, all pages are written.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def outline(env: BuildEnvironment) -> str:
    """The book's titles, their order and numbers, and the works that each page cites."""
    titles = [(name, title.astext()) for name, title in sorted(env.titles.items())]
    cited = sorted((ref.docname, *(target.key for target in ref.targets)) for ref in citations(env))
    return repr((titles, sorted(env.toctree_includes.items()), sorted(env.toc_secnumbers.items()), cited))


def citations(env: BuildEnvironment) -> list:
    """The citations that sphinxcontrib-bibtex has met, or none where it is not in use."""
    domain = env.domains.get("cite")
    return list(getattr(domain, "citation_refs", []))


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages where the outline is not the one of the last build, else none but Sphinx's own choice."""
    now = outline(env)
    if now == getattr(env, "rewrite_outline", None):
        return []
    env.rewrite_outline = now
    return sorted(env.found_docs)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("env-updated", pages_to_write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
