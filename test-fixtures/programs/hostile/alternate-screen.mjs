// The dialog stands on the main screen; another question with the same labels takes the alternate one.
import { ask, draw, footer, list, out, rule, trust } from "./screen.mjs";

draw(trust(0));
out("\x1b[?1049h");
ask((pointed) => draw([rule, " Delete all files?", "", ...list(pointed), "", footer]));
