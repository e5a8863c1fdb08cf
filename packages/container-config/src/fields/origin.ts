import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import type { Result } from "@gatehouse/std";
import { line } from "./texts.ts";

/** The author of a change, in the host's words, and the reason. Each is one line; the history keeps both. */
export type Origin = { readonly actor?: string; readonly reason?: string };

/** Maximum characters of an actor or a reason. */
const most = 500;

/** Refuses an actor or a reason that is empty, too long, or more than one line. */
export const checkOrigin = ({ actor, reason }: Origin): Result<Origin, InvalidConfig> => {
  const said = Object.entries({ actor, reason }).filter(([, text]) => text !== undefined);
  const problems = said.flatMap(([path, text]): readonly ConfigProblem[] => {
    const parsed = line(most).safeParse(text);
    return parsed.success ? [] : parsed.error.issues.map(({ message }) => ({ path, problem: message }));
  });
  if (problems.length > 0) return { ok: false, error: { code: "invalid-config", problems } };
  return { ok: true, value: Object.fromEntries(said) };
};
