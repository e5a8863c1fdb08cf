// Behind the dialog stands another question with the same labels.
import { askInTurn, footer, head, list, rule, trust } from "./screen.mjs";

const again = head().map((row) => row.replace("this a project", "every project on this machine one"));
askInTurn([trust, (pointed) => [rule, ...again, ...list(pointed), "", footer]]);
