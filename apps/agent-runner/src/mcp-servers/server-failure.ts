import type { ServerFailure } from "@gatehouse/session-rows/messages";

/** The words of Claude Code 2.1.332 and Codex 0.169.0 about a server that did not start. */
const failures: readonly (readonly [RegExp, ServerFailure])[] = [
  [/Executable not found|No such file or directory/, "not-found"],
  [/timed out/i, "silent"],
  [/ECONNREFUSED|Unable to connect|error sending request/, "unreachable"],
  [/connection closed|broken pipe/i, "ended"],
  [/unauthorized|not logged in|auth required/i, "sign-in"],
];

/** Why a server did not start, from the words of its CLI. These may quote addresses and values, so no person gets them. */
export const serverFailureIn = (words: string): ServerFailure =>
  failures.find(([pattern]) => pattern.test(words))?.[1] ?? "unknown";
