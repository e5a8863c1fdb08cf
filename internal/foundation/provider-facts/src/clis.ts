import type { CliFacts } from "./cli-facts.ts";
import { claudeCli } from "./providers/claude.ts";
import { codexCli } from "./providers/codex.ts";
import { copilotCli } from "./providers/copilot.ts";
import { geminiCli } from "./providers/gemini.ts";
import { kimiCli } from "./providers/kimi.ts";
import { opencodeCli } from "./providers/opencode.ts";
import { piCli } from "./providers/pi.ts";
import { qwenCli } from "./providers/qwen.ts";

/** The facts of each supported provider's program, by the name that flags, files and databases use. */
export const cliFacts: { readonly [P in Provider]: CliFacts } = {
  claude: claudeCli,
  codex: codexCli,
  gemini: geminiCli,
  copilot: copilotCli,
  qwen: qwenCli,
  kimi: kimiCli,
  opencode: opencodeCli,
  pi: piCli,
};

/** A provider whose CLI is known. */
export type Provider = "claude" | "codex" | "gemini" | "copilot" | "qwen" | "kimi" | "opencode" | "pi";

const names = Object.keys(cliFacts) as Provider[];

/** The supported providers. */
export const providers: readonly [Provider, ...Provider[]] = [names[0] ?? "claude", ...names.slice(1)];

/** The command that installs the newest version of a provider's CLI. */
export const installNewest = (provider: Provider): string =>
  `npm install --global ${cliFacts[provider].npmPackage}`;
