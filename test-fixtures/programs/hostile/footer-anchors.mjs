// Another question, with the same labels; the dialog's words stand in its footer.
import { ask, draw, footer, list, rule } from "./screen.mjs";

const words = " Accessing workspace: · Quick safety check ·";
ask((pointed) => draw([rule, " Delete all files?", "", ...list(pointed), "", `${words}${footer}`]));
