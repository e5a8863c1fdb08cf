import { parseArgs, type ParseArgsConfig } from "node:util";
import type { Result } from "@gatehouse/std";
import { providers, type Provider } from "@gatehouse/provider-facts";
import { clis, defaultTarget } from "./clis/clis.ts";

/** A CLI to test: a version from npm, or a program on this machine. */
export type Target = {
  readonly provider: Provider;
  /** Only these scenarios of the CLI. Absent: those of the command. */
  readonly scenarios?: readonly string[];
} & (
  | { readonly type: "version"; readonly version: string }
  | { readonly type: "path"; readonly path: string }
);

export type Command = {
  readonly verb: "check" | "record" | "help";
  readonly targets: readonly Target[];
  /** True if no CLI was named. A default CLI that cannot be fetched is skipped, which is not a failure. */
  readonly isDefault: boolean;
  /** Empty means all scenarios. */
  readonly scenarios: readonly string[];
  readonly prune: boolean;
  readonly results: string | null;
};

const matrixText = providers
  .map((provider) => `${provider} ${clis[provider].versions.join(", ")}`)
  .join("; ");

export const help: string = `npm run compat -- [record] [--cli LIST] [--scenario NAME,...] [--gate] [--prune] [--results FILE]

Starts real CLIs in throw-away HOMEs and sees that preflight is right about them.

  --cli LIST       PROVIDER, PROVIDER@VERSION or PROVIDER=PATH, separated by commas; a provider alone is all its
                   versions in the matrix, "all" the whole of it
                   (default: claude@${defaultTarget.version})
  --scenario LIST  only these
  --gate           the newest CLI of each agent, in the scenarios of the gate
  --prune          delete each version but a CLI's newest from the cache after its use
  --results FILE   also writes one JSON document to a file

Examples:
  npm run compat                                          every scenario on claude@${defaultTarget.version}
  npm run compat -- --cli all --prune                     the matrix: ${matrixText}
  npm run compat -- --cli copilot,qwen,kimi               all versions of three
  npm run compat -- --cli claude@2.1.197,codex@0.63.0 --scenario worktree
  npm run compat -- --cli claude=test-fixtures/programs/fake-claude.mjs
  npm run compat -- record --cli claude@2.1.332           new recordings in test-fixtures

Exit codes: 0 all passed   1 something failed   2 usage   130 interrupted   143 terminated
`;

const options = {
  cli: { type: "string", multiple: true },
  scenario: { type: "string", multiple: true },
  gate: { type: "boolean" },
  prune: { type: "boolean" },
  results: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsConfig["options"];

const listed = (values: readonly string[] = []): string[] => values.flatMap((value) => value.split(","));

const matrixOf = (provider: Provider): readonly Target[] =>
  clis[provider].versions.map((version) => ({ type: "version", provider, version }));

/** The CLIs of one word of `--cli`; null if it names none. */
const targetsNamed = (text: string): readonly Target[] | null => {
  if (text === "all") return providers.flatMap(matrixOf);
  const [, name, version, path] = /^(\w+)(?:@(\d+\.\d+\.\d+)|=(.+))?$/.exec(text) ?? [];
  const provider = providers.find((one) => one === name);
  if (provider === undefined) return null;
  if (version !== undefined) return [{ type: "version", provider, version }];
  return path === undefined ? matrixOf(provider) : [{ type: "path", provider, path }];
};

/** The few scenarios that the gate (`npm run test:rest`) has the time for, on the newest version of each CLI. */
const gateScenarios: Readonly<Partial<Record<Provider, readonly string[]>>> = {
  claude: ["plain", "agent-chat", "agent-asks"],
  codex: ["plain", "agent-chat", "agent-asks"],
  opencode: ["agent-asks"],
  qwen: ["agent-asks"],
  kimi: ["agent-asks"],
  copilot: ["agent-asks"],
  gemini: ["agent-asks"],
};
const gateTargets = providers.flatMap((provider): readonly Target[] => {
  const scenarios = gateScenarios[provider];
  return scenarios === undefined
    ? []
    : matrixOf(provider)
        .slice(-1)
        .map((each) => ({ ...each, scenarios }));
});

const parse = (argv: readonly string[]) => {
  try {
    return { ok: true, value: parseArgs({ args: [...argv], options, allowPositionals: true }) } as const;
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) } as const;
  }
};

/** Reads the arguments; an error is one sentence. `known` are the existing scenarios, by verb. */
export const parseCommand = (
  argv: readonly string[],
  known: { readonly check: readonly string[]; readonly record: readonly string[] },
): Result<Command, string> => {
  const parsed = parse(argv);
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const [verb = "check", ...rest] = positionals;
  if ((verb !== "check" && verb !== "record") || rest.length > 0)
    return { ok: false, error: `unexpected argument: ${positionals.join(" ")}` };
  const names = listed(values.cli);
  const unreadable = names.find((name) => targetsNamed(name) === null);
  if (unreadable !== undefined)
    return {
      ok: false,
      error: `no CLI: ${unreadable} (${providers.join(", ")}: NAME, NAME@VERSION or NAME=PATH, or all)`,
    };
  const scenarios = listed(values.scenario);
  const unknown = scenarios.find((name) => !known[verb].includes(name));
  if (unknown !== undefined)
    return { ok: false, error: `no scenario: ${unknown} (there are ${known[verb].join(", ")})` };
  const targets = names.flatMap((name) => targetsNamed(name) ?? []);
  const isDefault = targets.length === 0;
  const { gate = false, prune = false, results = null } = values;
  const isWhole = scenarios.length === 0;
  const ofGate = isWhole ? gateTargets : gateTargets.map((each) => ({ ...each, scenarios }));
  const chosen = isDefault ? (gate ? ofGate : [defaultTarget]) : targets;
  return {
    ok: true,
    value: {
      verb: values.help ? "help" : verb,
      targets: chosen,
      isDefault,
      prune,
      results,
      scenarios,
    },
  };
};
