// The pointer is there, and concealed (SGR 8): nobody sees it.
import { ask, draw, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { glyph: "\x1b[8m❯\x1b[28m" })));
