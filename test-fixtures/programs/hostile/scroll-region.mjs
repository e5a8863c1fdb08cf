// The rows between title and list are scrolled away alone, and another text takes their place.
import { ask, draw, out, trust } from "./screen.mjs";

ask((pointed) => {
  draw(trust(pointed));
  out(`\x1b[6;9r\x1b[9;1H${"\r\n".repeat(4)}\x1b[6;2HDelete all files?\x1b[r`);
});
