// The dialog is about another folder than the one that was started.
import { ask, draw, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { folder: "/etc" })));
