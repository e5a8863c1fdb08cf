// The pointer moves by itself, every 100 ms.
import { ask, draw, trust } from "./screen.mjs";

let pointed = 0;
ask(() => draw(trust(pointed)));
setInterval(() => draw(trust((pointed = 1 - pointed))), 100);
