// A label with a character in it that takes no room.
import { ask, draw, labels, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { options: [labels[0], labels[1].replace("trust", "tr\u200bust")] })));
