// The query page's editor: CodeMirror 6 in place of the text field, which stays in the form.
// In a shadow root CodeMirror keeps its styles in sheets that no content security policy
// has to allow; the field is written back at each change, so the form works as without.
import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import {
  HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting,
} from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const field = document.getElementById("query");
const terms = JSON.parse(document.getElementById("terms").textContent)
  .map(([label, detail]) => ({ label, detail, type: "property" }));
const words = (
  "SELECT DISTINCT WHERE OPTIONAL FILTER UNION MINUS VALUES BIND GRAPH SERVICE CONSTRUCT " +
  "DESCRIBE ASK ORDER GROUP BY HAVING LIMIT OFFSET COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT " +
  "EXISTS NOT IN REGEX CONTAINS STRSTARTS LCASE LANG STR BOUND COALESCE IF PREFIX FROM NAMED"
).split(" ").map((label) => ({ label, type: "keyword" }));

// Terms by any part of their name or label, variables of the query, and keywords.
function complete(context) {
  const word = context.matchBefore(/[?$]?[\w:]*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  if (/^[?$]/.test(word.text)) {
    const all = new Set(context.state.doc.toString().match(/[?$]\w+/g));
    all.delete(word.text);
    return { from: word.from, options: [...all].map((label) => ({ label, type: "variable" })) };
  }
  return { from: word.from, options: [...terms, ...words], validFor: /^[\w:]*$/ };
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, fontWeight: "700" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--alert)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.atom, tags.meta, tags.special(tags.variableName)], color: "var(--link)" },
]);
const look = EditorView.theme({
  "&": { color: "var(--ink)", background: "var(--paper)", border: "1px solid var(--line)" },
  "&.cm-focused": { outline: "2px solid var(--link)", outlineOffset: "1px" },
  ".cm-scroller": { font: "inherit", lineHeight: "1.5", maxHeight: "28rem", minHeight: "9rem" },
  ".cm-gutters": { background: "transparent", color: "var(--soft)", border: "0" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".5rem 0" },
  ".cm-tooltip": { background: "var(--paper)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    background: "var(--link)", color: "var(--paper)",
  },
  ".cm-completionDetail": { color: "inherit", opacity: ".8", fontStyle: "normal" },
});

const host = document.createElement("div");
host.className = "editor";
const root = host.attachShadow({ mode: "open" });
const submit = () => (field.form.requestSubmit(), true);
const view = new EditorView({
  root,
  state: EditorState.create({
    doc: field.value,
    extensions: [
      lineNumbers(), history(), bracketMatching(), closeBrackets(),
      StreamLanguage.define(sparql), syntaxHighlighting(colours), look,
      autocompletion({ override: [complete], icons: false }),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": field.labels[0].textContent, spellcheck: "false", tabindex: "0",
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) field.value = update.state.doc.toString();
      }),
      keymap.of([
        { key: "Mod-Enter", run: submit }, ...completionKeymap, ...defaultKeymap, ...historyKeymap,
      ]),
    ],
  }),
});
root.append(view.dom);
field.after(host);
field.hidden = true;
field.labels[0].addEventListener("click", () => view.focus());
const line = Number(field.dataset.line);
if (line && line <= view.state.doc.lines) {
  const at = view.state.doc.line(line).from + Number(field.dataset.column) - 1;
  view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) } });
}
