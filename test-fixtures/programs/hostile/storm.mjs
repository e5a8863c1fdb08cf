// Two questions with the same labels are drawn in turn, every 3 ms.
import { ask, draw, trust } from "./screen.mjs";

let frame = 0;
let current = 0;
ask((pointed) => (current = pointed));
setInterval(() => draw(trust(current, (frame += 1) % 2 === 0 ? { folder: "/etc" } : {})), 3);
