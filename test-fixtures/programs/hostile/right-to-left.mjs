// A label whose end is told to be shown the other way round.
import { ask, draw, labels, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { options: [labels[0], labels[1].replace("this", "\u202ethis")] })));
