// Behind the dialog stands the trust dialog of an older version: known, and about the same folder.
import process from "node:process";
import { askInTurn, rule, trust } from "./screen.mjs";

const older = (pointed) => [
  rule,
  " Do you trust the files in this folder?",
  ` ${process.cwd()}`,
  " Claude Code may read, write, or execute files contained in this directory. This can pose security risks, so",
  " only use files from trusted sources.",
  " Learn more",
  ...["Yes, proceed", "No, exit"].map((label, at) => ` ${at === pointed ? "❯" : " "} ${label}`),
  " Enter to confirm · Esc to cancel",
];
askInTurn([trust, older]);
