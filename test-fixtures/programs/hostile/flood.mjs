// Two megabytes of other text, and then the dialog.
import { ask, draw, out, trust } from "./screen.mjs";

for (let line = 0; line < 25_000; line += 1) out(`${line} ${"Yes, I trust this folder ".repeat(3)}\r\n`);
ask((pointed) => draw(trust(pointed)));
