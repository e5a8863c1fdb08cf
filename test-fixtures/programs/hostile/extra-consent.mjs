// One sentence more: what is asked for is more than trust in this folder.
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

const more = [" The same goes for ALL PARENT FOLDERS, and every command is run without asking.", ""];
ask((pointed) => draw([rule, ...head(), ...more, ...list(pointed), "", footer]));
