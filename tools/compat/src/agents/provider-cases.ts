import { acpNames } from "@gatehouse/provider-facts/agents";

/** The cases that every provider handles, or names as unable to handle. */
export const caseNames = [
  "answer",
  "resume",
  "kill",
  "permission",
  "interrupt",
  "picture",
  "unknown-model",
  "no-key",
] as const;

export type CaseName = (typeof caseNames)[number];

/** The scenarios of the real CLI that show a case, or the reason why the provider cannot do it. */
export type ProviderCase = readonly string[] | { readonly cannot: string };

export type ProviderCases = Readonly<Record<CaseName, ProviderCase>>;

/** The cases of a CLI whose own records say how far it came before a kill. */
const once: ProviderCases = {
  answer: ["agent-chat"],
  resume: ["agent-chaos"],
  kill: ["agent-chaos", "agent-host-killed"],
  permission: ["agent-asks", "agent-tool-denied"],
  interrupt: ["agent-stop"],
  picture: ["agent-sees-files"],
  "unknown-model": ["agent-models"],
  "no-key": ["agent-no-key"],
};

/** The cases of an agent by ACP, which is asked again after a kill. */
const atLeastOnce: ProviderCases = {
  ...once,
  resume: ["agent-killed"],
  kill: ["agent-killed", "agent-host-killed"],
  "unknown-model": ["agent-unknown-model"],
};

/** The cases of each provider that has a CLI. */
export const providerCases: Readonly<Record<string, ProviderCases>> = {
  claude: { ...once, "unknown-model": ["agent-models", "agent-refusals"] },
  codex: once,
  ...Object.fromEntries(acpNames.map((name) => [name, atLeastOnce])),
};

/** The cases that `echo` cannot handle. Its other cases are in the test, since it has no CLI. */
export const echoCannot: Readonly<Partial<Record<CaseName, string>>> = {
  resume: "echo keeps no conversation: each message is answered from its own text.",
  picture: "echo asks no model, so nothing looks at a picture.",
  "unknown-model": "echo asks no model, so no name of one can be unknown.",
  "no-key": "echo asks no model, so it needs no key.",
};
