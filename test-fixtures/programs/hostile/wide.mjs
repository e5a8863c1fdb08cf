// A label in full-width letters.
import { ask, draw, labels, trust } from "./screen.mjs";

const wide = labels[1].replace("Yes", "Ｙｅｓ");
ask((pointed) => draw(trust(pointed, { options: [labels[0], wide] })));
