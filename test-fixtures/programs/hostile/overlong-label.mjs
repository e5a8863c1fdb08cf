// A label that says more, so much of it that it wraps.
import { ask, draw, labels, trust } from "./screen.mjs";

const long = `${labels[1]} and ${"every folder above it, ".repeat(10)}for ever`;
ask((pointed) => draw(trust(pointed, { options: [labels[0], long] })));
