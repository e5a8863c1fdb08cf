import { limits } from "./limits.ts";
import {
  projectsOverride,
  tooLongFor,
  type CodexTrust,
  type ProjectsOverride,
  type RenderError,
} from "./projects-override.ts";
import type { Result } from "@gatehouse/std";

/** The config overrides in an argv, and where the next one goes: behind the last, or in front of everything. */
type ConfigFlags = { readonly overrides: readonly string[]; readonly end: number };

/** `-c x`, `--config x`, `--config=x`, `-cx`, `-c=x`: Codex takes all five (0.169.0). */
const overrideAt = (args: readonly string[], index: number): { value: string; length: 1 | 2 } | null => {
  const [arg = "", next] = args.slice(index, index + 2);
  if (arg === "-c" || arg === "--config") return next === undefined ? null : { value: next, length: 2 };
  const [, value] = /^(?:--config=|-c=?)([^]+)$/.exec(arg) ?? [];
  return value === undefined ? null : { value, length: 1 };
};

/** Reads an argv without the program's name. Behind `--` there are no flags, and without `=` there is no override. */
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

/** What a command line on Windows takes at most for these arguments: quotes around each, `"` and `\` doubled. */
const commandLineUnits = (args: readonly string[]): number =>
  args.reduce((sum, arg) => sum + arg.length + (arg.match(/["\\]/g)?.length ?? 0) + 3, 0);

export type CodexArgs = {
  readonly args: readonly string[];
  readonly leftOut: ProjectsOverride["leftOut"];
};

/**
 * The argv of a Codex that starts with these folders trusted, without the program's name: the caller's, in which nothing is
 * taken away or moved, and one `-c` behind the caller's overrides. Applied again it changes nothing, applied for more
 * folders it changes that one argument. For `codex`, `codex exec` and `codex resume`, not for `codex sandbox`, whose
 * command has flags of its own.
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
