// Both options have a pointer.
import { ask, draw, footer, head, labels, rule } from "./screen.mjs";

ask(() => draw([rule, ...head(), ...labels.map((label) => ` ❯ ${label}`), "", footer]));
