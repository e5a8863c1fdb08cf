// The pointer is drawn in the colour of its background.
import { ask, draw, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { glyph: "\x1b[31;41m❯\x1b[0m" })));
