// A known sentence goes on: "... read, edit, and execute files here and in ALL PARENT FOLDERS".
import { ask, draw, footer, head, list, rule } from "./screen.mjs";

const widened = head().map((row) => row.replace("files here.", "files here and in ALL PARENT FOLDERS."));
ask((pointed) => draw([rule, ...widened, ...list(pointed), "", footer]));
