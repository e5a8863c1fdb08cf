// Each arrow turns the list around, so that what was wanted is never where the pointer goes.
import { ask, draw, labels, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { options: pointed === 1 ? [...labels].reverse() : labels })));
