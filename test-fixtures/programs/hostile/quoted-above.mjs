// Another question, with the same labels, under a text that quotes the whole trust dialog.
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

ask((pointed) => draw([rule, ...head(), " Delete all files?", "", ...list(pointed), "", footer]));
