// The program asks its terminal to say things back, a carriage return among them; the dialog is about another folder.
import { ask, draw, out, trust } from "./screen.mjs";

ask((pointed) => draw(trust(pointed, { folder: "/etc" })));
out("\x1b]2;yes\r\x07\x1b[21t\x05\x1b[c\x1b[>c\x1b[6n\x1b[?15n\x1bP$q m\r\x1b\\\x1b]52;c;?\x07\x1bP+q0d\x1b\\");
