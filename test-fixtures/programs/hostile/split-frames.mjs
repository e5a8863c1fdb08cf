// The dialog arrives in pieces, 40 ms apart, cut within words and escape sequences.
import { ask, out, trust } from "./screen.mjs";

ask((pointed) => {
  const frame = `\x1b[?25l\x1b[H\x1b[2J${trust(pointed).join("\r\n")}`;
  const piece = Math.ceil(frame.length / 7);
  for (let at = 0; at < 7; at += 1) setTimeout(() => out(frame.slice(at * piece, (at + 1) * piece)), at * 40);
});
