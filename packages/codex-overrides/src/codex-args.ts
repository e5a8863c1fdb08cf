import { limits } from "./limits.ts";
import {
  projectsOverride,
  tooLongFor,
  type CodexTrust,
  type ProjectsOverride,
  type RenderError,
} from "./projects-override.ts";
import type { Result } from "@gatehouse/std";

/**
 * The config overrides in an argv, and the index for the next one: after the last override, or at the start.
 */
type ConfigFlags = { readonly overrides: readonly string[]; readonly end: number };

/** Codex accepts five forms: `-c x`, `--config x`, `--config=x`, `-cx`, `-c=x` (0.169.0). */
const overrideAt = (args: readonly string[], index: number): { value: string; length: 1 | 2 } | null => {
  const [arg = "", next] = args.slice(index, index + 2);
  if (arg === "-c" || arg === "--config") return next === undefined ? null : { value: next, length: 2 };
  const [, value] = /^(?:--config=|-c=?)([^]+)$/.exec(arg) ?? [];
  return value === undefined ? null : { value, length: 1 };
};

/**
 * Reads an argv without the program's name. After `--` there are no flags; a value without `=` is not an
 * override.
 */
const configFlags = (args: readonly string[]): ConfigFlags => {
  const overrides: string[] = [];
  let end = 0;
  let index = 0;
  while (index < args.length && args[index] !== "--") {
    const found = overrideAt(args, index);
    index += found?.length ?? 1;
    if (!found?.value.includes("=")) continue;
    overrides.push(found.value);
    end = index;
  }
  return { overrides, end };
};

/**
 * The most units that these arguments can take on a Windows command line: each in quotes, with `"` and `\`
 * doubled.
 */
const commandLineUnits = (args: readonly string[]): number =>
  args.reduce((sum, arg) => sum + arg.length + (arg.match(/["\\]/g)?.length ?? 0) + 3, 0);

export type CodexArgs = {
  readonly args: readonly string[];
  readonly leftOut: ProjectsOverride["leftOut"];
};

/**
 * Renders the argv, without the program's name, of a Codex that starts with these folders trusted. It keeps
 * all of the caller's arguments in their order, and adds one `-c` after the caller's overrides. A second call
 * with the same folders changes nothing; a call with more folders changes only that argument. It is for
 * `codex`, `codex exec` and `codex resume`, not for `codex sandbox`, whose command has its own flags.
 */
export const renderCodexArgs = (
  args: readonly string[],
  trust: CodexTrust,
): Result<CodexArgs, RenderError> => {
  const { overrides, end } = configFlags(args);
  const rendered = projectsOverride(overrides, trust);
  if (!rendered.ok) return rendered;
  const { value, replacesLast, leftOut } = rendered.value;
  if (value === null) return { ok: true, value: { args, leftOut } };
  const kept = replacesLast && args[end - 2] === "-c" ? end - 2 : end;
  const patched = [...args.slice(0, kept), "-c", value, ...args.slice(end)];
  const size = trust.context.platform === "win32" ? commandLineUnits(patched) : 0;
  const limit = limits.windowsCommandLineUnits;
  const problem = { code: "argument-too-long", size, limit } as const;
  if (size > limit)
    return { ok: false, error: tooLongFor(problem, trust, (less) => renderCodexArgs(args, less)) };
  return { ok: true, value: { args: patched, leftOut } };
};
