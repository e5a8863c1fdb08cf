// Another question, with the same labels, above a text that quotes the whole trust dialog.
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

ask((pointed) => draw([rule, " Delete all files?", "", ...list(pointed), "", ...head(), ...list(-1), "", footer]));
