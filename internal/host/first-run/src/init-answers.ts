import { floors } from "@gatehouse/agent-clis/floors";

/** The answers that `init` needs for the first group. */
export type InitAnswers = {
  readonly name: string;
  /** The folder's name under groups/, without a slash. */
  readonly folder: string;
  /** `<channel>:<handle>`. */
  readonly owner: string;
  readonly provider: string;
};

/** `--fetch claude@2.1.328`, parsed; without a version the one that is suggested. */
export type WantedCli = { readonly provider: string; readonly version: string | null };

/** Parses the value of `--fetch`; a text is the reason for a refusal. */
export const parseWantedCli = (text: string): WantedCli | string => {
  const [, provider = "", version = null] = /^([a-z]+)(?:@(\d+\.\d+\.\d+))?$/.exec(text) ?? [];
  return fetchable.includes(provider)
    ? { provider, version }
    : `Write ${fetchable.join(" or ")}, or with a version: ${fetchable[0] ?? ""}@2.1.328.`;
};

/**
 * The providers that the runner has, the first one is the default. Here, and not from the configuration's package, since
 * the help needs them before anything is loaded; `fields-in-force.test.ts` compares both.
 */
export const runnableProviders: readonly { readonly name: string; readonly hint: string }[] = [
  { name: "echo", hint: "says your words back: to try the host." },
  { name: "claude", hint: "Claude Code, with a key of Anthropic." },
  { name: "codex", hint: "Codex of OpenAI; it has to be on the PATH of gatehouse up, and needs a key." },
  {
    name: "opencode",
    hint: "OpenCode, with models of Anthropic; it has to be on that PATH too, and needs a key.",
  },
];

/** The providers whose CLI can be fetched. */
const fetchable: readonly string[] = Object.keys(floors);
