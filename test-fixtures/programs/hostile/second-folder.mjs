// Behind the dialog stands the same one about another folder.
import { askInTurn, trust } from "./screen.mjs";

askInTurn([trust, (pointed) => trust(pointed, { folder: "/" })]);
