// A text so long above the list that the dialog's head is off the screen.
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

const text = Array.from({ length: 30 }, (_, row) => ` ${row}. All of this is agreed to.`);
ask((pointed) => draw([rule, ...head(), ...text, ...list(pointed), "", footer]));
