/* CodeMirror for the exercises, in a script of its own: it is fetched when somebody enters an editor. */

import { autocompletion, closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// Colours of the page's own, for its light and its dark scheme; weight and slant say the same.
const style = HighlightStyle.define([
  { tag: tags.keyword, class: "try-keyword" },
  { tag: [tags.string, tags.docString], class: "try-string" },
  { tag: tags.comment, class: "try-comment" },
  { tag: [tags.number, tags.bool, tags.null], class: "try-number" },
  { tag: tags.definition(tags.variableName), class: "try-defined" },
]);

let leaving = false; // Escape, then Tab: leave the editor by keyboard

const keys = [
  { key: "Escape", run: () => Boolean((leaving = true)) && false },
  { key: "Tab", run: (view) => !leaving && indentMore(view), shift: (view) => !leaving && indentLess(view) },
];

function mount(area, exercise, changed) {
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      selection: { anchor: Math.min(area.selectionStart, area.value.length) },
      extensions: [
        lineNumbers(),
        history(),
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ activateOnTyping: false }),
        python(),
        syntaxHighlighting(style),
        keymap.of([...keys, ...defaultKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": "Your code. Tab indents; press Escape and then Tab to leave the editor.",
          spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) {
            leaving = false;
            changed();
          }
        }),
      ],
    }),
  });
  const focused = document.activeElement === area;
  exercise.code = () => view.state.doc.toString();
  exercise.setCode = (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  view.contentDOM.addEventListener("blur", () => (leaving = false));
  area.previousElementSibling.removeAttribute("for");
  area.replaceWith(view.dom);
  view.dom.append(Object.assign(document.createElement("p"), {
    className: "try-keys",
    textContent: "Tab indents. Escape, then Tab, leaves the editor.",
  }));
  if (focused) view.focus();
}

window.gatedEditor = { mount };
