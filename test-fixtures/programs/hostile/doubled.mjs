// The dialog twice, one below the other, without a frame between them.
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

ask((pointed) =>
  draw([rule, ...head("/etc"), ...list(-1), "", footer, ...head(), ...list(pointed), "", footer]),
);
