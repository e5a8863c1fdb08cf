// With the arrow the pointer moves, and one row of the text becomes another one.
import { ask, draw, out, trust } from "./screen.mjs";

ask((pointed) => {
  if (pointed === 0) draw(trust(0));
  else out("\x1b[13;2H \x1b[14;2H❯\x1b[9;1H\x1b[2K Claude Code'll be able to delete all files.");
});
