import { parseArgs, type ParseArgsConfig } from "node:util";
import type { Result } from "@trust/dialog-engine";
import { defaultVersion, matrix } from "./version.ts";

/** A CLI to test: a version from npm, or a program on this machine. */
export type Target =
  { readonly type: "version"; readonly version: string } | { readonly type: "path"; readonly path: string };

export type Command = {
  readonly verb: "check" | "record" | "help";
  readonly targets: readonly Target[];
  /** Nobody named a CLI: then one that cannot be fetched is skipped, and no failure. */
  readonly isDefault: boolean;
  /** Empty: all of them. */
  readonly scenarios: readonly string[];
  readonly prune: boolean;
  readonly json: boolean;
  readonly results: string | null;
};

export const help: string = `npm run compat -- [record] [--cli LIST] [--scenario NAME,...] [--prune] [--json] [--results FILE]

Starts real CLIs in throw-away HOMEs and sees that preflight is right about them.

  --cli LIST       claude@VERSION or claude=PATH, separated by commas; "all" is the matrix (default: claude@${defaultVersion})
  --scenario LIST  only these
  --prune          delete each version from the cache after its use
  --json           one JSON document on stdout
  --results FILE   the same document in a file

Examples:
  npm run compat                                          every scenario on ${defaultVersion}
  npm run compat -- --cli all --prune                     the matrix: ${matrix.join(", ")}
  npm run compat -- --cli claude@2.1.197 --scenario worktree,symlink
  npm run compat -- --cli claude=test-fixtures/programs/fake-claude.mjs
  npm run compat -- record --cli all                      new recordings in test-fixtures/claude

Exit codes: 0 all passed   1 something failed   2 usage   130 interrupted   143 terminated
`;

const options = {
  cli: { type: "string", multiple: true },
  scenario: { type: "string", multiple: true },
  prune: { type: "boolean" },
  json: { type: "boolean" },
  results: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsConfig["options"];

const listed = (values: readonly string[] = []): string[] => values.flatMap((value) => value.split(","));

const targetsNamed = (text: string): readonly Target[] | null => {
  if (text === "all") return matrix.map((version) => ({ type: "version", version }));
  const [, version, path] = /^claude(?:@(\d+\.\d+\.\d+)|=(.+))$/.exec(text) ?? [];
  if (version !== undefined) return [{ type: "version", version }];
  return path === undefined ? null : [{ type: "path", path }];
};

const parse = (argv: readonly string[]) => {
  try {
    return { ok: true, value: parseArgs({ args: [...argv], options, allowPositionals: true }) } as const;
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) } as const;
  }
};

/** Reads the arguments; an error is one sentence. `known` are the scenarios that there are, by verb. */
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
    return { ok: false, error: `no CLI: ${unreadable} (claude@2.1.328, claude=PATH or all)` };
  const scenarios = listed(values.scenario);
  const unknown = scenarios.find((name) => !known[verb].includes(name));
  if (unknown !== undefined)
    return { ok: false, error: `no scenario: ${unknown} (there are ${known[verb].join(", ")})` };
  const targets = names.flatMap((name) => targetsNamed(name) ?? []);
  const isDefault = targets.length === 0;
  const { prune = false, json = false, results = null } = values;
  const chosen = isDefault ? [{ type: "version", version: defaultVersion } as const] : targets;
  return {
    ok: true,
    value: { verb: values.help ? "help" : verb, targets: chosen, isDefault, scenarios, prune, json, results },
  };
};
