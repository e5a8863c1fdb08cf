// The composer stands for three seconds, and then the dialog comes.
import { ask, compose, draw, trust } from "./screen.mjs";

compose();
setTimeout(() => ask((pointed) => draw(trust(pointed))), 3_000);
