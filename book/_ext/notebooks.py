"""Each chapter as a notebook, `notebooks/NAME.ipynb`: its text and its code, without the cells tagged `oracle`.

The text is that of the finished page, so that numbers, references and equations in it are set: Sphinx's resolved
document is written as Markdown that Jupyter shows without an extension.  The code is the source's, unexecuted.  What a
page alone can do (questions, exercises and live figures) is left out of the notebook, which says where they are.

`:::{notebooks}` lists what there is to download: all that a learner may have as one archive, and each exercise.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import urlencode

import nbformat
from docutils import nodes
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.math import get_node_equation_number
from sphinx_markdown_builder.translator import MarkdownTranslator

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
ORACLE = "oracle"
CUT = "\N{INFORMATION SEPARATOR FOUR}"  # stands in the text where a code cell stands in the page


class ToNotebook(MarkdownTranslator):
    """Markdown for a notebook's text cells, with a mark for each code cell."""

    def visit_container(self, node: nodes.container) -> None:
        element = node.get("nb_element", "")
        if element == "cell_code":
            self.add(f"{CUT}{node['cell_index']}{CUT}", prefix_eol=2, suffix_eol=2)
            raise nodes.SkipNode

    def visit_raw(self, node: nodes.raw) -> None:
        raise nodes.SkipNode

    def visit_math(self, node: nodes.math) -> None:
        self.add(f"${node.astext().strip()}$")
        raise nodes.SkipNode

    def visit_math_block(self, node: nodes.math_block) -> None:
        tex = node.astext().strip()
        number = get_node_equation_number(self, node) if node.get("number") and "\\begin{align" not in tex else ""
        number = f" \\tag{{{number}}}" if number else ""
        self.add(f"$$\n{tex}{number}\n$$", prefix_eol=2, suffix_eol=2)
        raise nodes.SkipNode

    def visit_reference(self, node: nodes.reference) -> None:
        """A link within the book is its words: a notebook lies elsewhere."""
        if node.get("refuri", "").startswith("http"):
            super().visit_reference(node)

    def depart_reference(self, node: nodes.reference) -> None:
        if node.get("refuri", "").startswith("http"):
            self._pop_context()

    def visit_target(self, node: nodes.target) -> None:
        raise nodes.SkipNode

    def unknown_visit(self, node: nodes.Node) -> None:
        """What only a page can show."""
        raise nodes.SkipNode


def code_cells(app: Sphinx, pagename: str) -> list[nbformat.NotebookNode]:
    """The cells of a page's source, by their index; none where the page has no kernel."""
    path = app.env.doc2path(pagename)
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(path, app.env.myst_config, app.env.mystnb_config, text)
    return reader.read(text).cells if reader else []


def is_oracle(cell: nbformat.NotebookNode) -> bool:
    return ORACLE in cell.metadata.get("tags", [])


def make_notebook(app: Sphinx, pagename: str, doctree: nodes.document) -> nbformat.NotebookNode | None:
    """The page as a notebook, or None for a page without code of its own."""
    cells = code_cells(app, pagename)
    if not any(cell.cell_type == "code" and not is_oracle(cell) for cell in cells):
        return None
    writer = ToNotebook(doctree.deepcopy(), app.builder)
    writer.document.walkabout(writer)
    parts = writer.astext().split(CUT)  # text, index, text, index, ... text
    made = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            made += [nbformat.v4.new_markdown_cell(part.strip())] if part.strip() else []
        elif not is_oracle(cells[int(part)]):
            made.append(nbformat.v4.new_code_cell(cells[int(part)].source))
    made.append(nbformat.v4.new_markdown_cell(colophon(app)))
    for place, cell in enumerate(made):
        cell.id = f"{pagename.rpartition('/')[2]}-{place}".replace("_", "-")
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": KERNEL})


def colophon(app: Sphinx) -> str:
    return (
        f"---\nA chapter of *{app.config.html_title or app.config.project}*. Its questions, exercises and live figures "
        "are on the page. Text and figures: CC BY 4.0. Code: BSD-3-Clause."
    )


def write_notebook(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document) -> None:
    """Write the page's notebook and put the buttons that lead to it on the page."""
    if doctree is None or not app.env.toc_secnumbers.get(pagename):
        return  # a chapter has a number
    notebook = make_notebook(app, pagename, doctree)
    if notebook is None:
        return
    name = f"notebooks/{pagename.rpartition('/')[2]}.ipynb"
    path = Path(app.outdir, name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    links = [("Download as a notebook", context["pathto"](name, 1)), *launch_links(app.config.notebooks_launch, name)]
    buttons = [
        {"type": "link", "url": url, "text": words, "tooltip": words, "icon": "fas fa-download"} for words, url in links
    ]
    context["header_buttons"] = [
        {
            "type": "group",
            "buttons": buttons,
            "icon": "fas fa-download",
            "tooltip": "This page as a notebook",
            "label": "notebook-buttons",
        },
        *context.get("header_buttons", []),
    ]


def launch_links(launch: dict[str, str], path: str) -> list[tuple[str, str]]:
    """Words and addresses of the places that open a notebook of the public repository; none where none is named.

    launch: `repository` ("owner/name" on GitHub, of what learners may have), `branch`, and `jupyterhub`, the address
    of a hub with nbgitpuller, or "".
    """
    repository, branch = launch.get("repository", ""), launch.get("branch", "main")
    if not repository:
        return []
    links = [
        ("Open in Colab", f"https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"),
        ("Open in Binder", f"https://mybinder.org/v2/gh/{repository}/{branch}?{urlencode({'labpath': path})}"),
    ]
    if launch.get("jupyterhub"):
        inside = f"lab/tree/{repository.rpartition('/')[2]}/{path}"
        query = urlencode({"repo": f"https://github.com/{repository}", "branch": branch, "urlpath": inside})
        links.append(("Open in JupyterHub", f"{launch['jupyterhub'].rstrip('/')}/hub/user-redirect/git-pull?{query}"))
    return links


class Notebooks(SphinxDirective):
    """The list of what can be downloaded."""

    def run(self) -> list[nodes.Node]:
        up = "../" * self.env.docname.count("/")
        rows = []
        for path in sorted(Path(self.env.srcdir, "exercises").glob("*/*.ipynb")):
            name = f"exercises/{path.parent.name}/{path.name}"
            links = [("download", f"{up}{name}"), *launch_links(self.config.notebooks_launch, name)]
            anchors = ", ".join(f'<a href="{escape(url)}">{escape(words)}</a>' for words, url in links)
            rows.append(f"<li><code>{path.stem}</code>: {anchors}</li>")
        archive = f'<a href="{up}gated.zip">gated.zip</a>'
        html = (
            f"<p>{archive} holds all exercises, the chapters as notebooks, and the check, and says how to install "
            "them. A notebook by itself opens anywhere; its check needs what is in the archive.</p>"
        )
        return [nodes.raw("", f"{html}\n<ul>{''.join(rows)}</ul>\n", format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("notebooks_launch", {}, "html")
    # what the translator of sphinx-markdown-builder asks for; the builder itself is not in use
    app.add_config_value("markdown_docinfo", False, "")
    app.add_config_value("markdown_anchor_sections", False, "")
    app.add_config_value("markdown_anchor_signatures", False, "")
    app.add_config_value("markdown_bullet", "-", "")
    app.add_config_value("markdown_flavor", "github", "")
    app.add_config_value("markdown_http_base", "", "")
    app.add_directive("notebooks", Notebooks)
    app.connect("html-page-context", write_notebook, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
