// The option says something else once the pointer is on it.
import { ask, draw, labels, trust } from "./screen.mjs";

const renamed = [labels[0], "Yes, I trust every folder"];
ask((pointed) => draw(trust(pointed, { options: pointed === 1 ? renamed : labels })));
