// A label with a Cyrillic letter in it.
import { ask, draw, labels, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { options: [labels[0], labels[1].replace("e", "\u0435")] })));
