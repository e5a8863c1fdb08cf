import { markdownTable } from "markdown-table";
import { controlSince } from "../scenarios/rungs.ts";
import { clis, type Provider } from "./clis.ts";

/** The question of each CLI before it works, and how Gatehouse answers. The versions come from `clis`. */
type Support = {
  readonly name: string;
  readonly asks: string;
  /** The vendor's own interface for programs. */
  readonly door: string;
  /** Its dialog on the screen. */
  readonly dialog: string;
};

/** OpenCode asks for no trust, so that it has no row. */
const support: { readonly [P in Exclude<Provider, "opencode">]: Support } = {
  claude: {
    name: "Claude Code",
    asks: "every new folder",
    door: `its control protocol, from ${controlSince} on`,
    dialog: "yes",
  },
  codex: {
    name: "Codex",
    asks: "repositories and folders with `.codex`; before 0.161 every folder",
    door: "its launch line; with `--persist` its app-server",
    dialog: "no",
  },
  gemini: {
    name: "Gemini CLI",
    asks: "every new folder",
    door: "its launch line",
    dialog: "with `--persist`",
  },
  copilot: {
    name: "Copilot CLI",
    asks: "every new folder",
    door: "none",
    dialog: "with `--persist`",
  },
  qwen: {
    name: "Qwen Code",
    asks: "new folders, where its settings say so",
    door: "none",
    dialog: "with `--persist`",
  },
  kimi: { name: "Kimi Code", asks: "every new folder", door: "none", dialog: "with `--persist`" },
  pi: {
    name: "pi",
    asks: "from 0.79 on folders that bring resources in `.pi`",
    door: "its launch line",
    dialog: "with `--persist`",
  },
};

/** The README's table: the question of each CLI, the tested versions, and how it is answered. */
export const supportTable = (): string =>
  markdownTable([
    ["agent", "asks about trust in", "its own way for programs", "its dialog is answered", "versions tried"],
    ...Object.entries(support).map(([provider, { name, asks, door, dialog }]) => [
      name,
      asks,
      door,
      dialog,
      clis[provider as Provider].versions.join(", "),
    ]),
  ]);
