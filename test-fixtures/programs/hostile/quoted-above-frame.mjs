// The same, with a frame between the text and the question.
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

ask((pointed) => draw([rule, ...head(), rule, " Delete all files?", "", ...list(pointed), "", footer]));
