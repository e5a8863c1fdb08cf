import { visible } from "../visible.ts";
import type { Shell } from "./script.ts";
import { insertedFor, type WordUnderCursor } from "./word-under-cursor.ts";

/** A word that may come next. The description is null if there is none. */
export type Candidate = { readonly value: string; readonly description: string | null };

/**
 * The candidates that continue the word under the cursor, as lines for the shell's script. For bash, the value
 * is quoted as the word was begun; for zsh and fish, a tab and the description follow. A value with a control
 * character is left out.
 */
export const candidateLines = (
  candidates: readonly Candidate[],
  shell: Shell | null,
  under: WordUnderCursor,
): string =>
  candidates
    .filter(({ value }) => value.startsWith(under.text) && visible(value) === value)
    .map((candidate) => lineOf(candidate, shell, under))
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join("");

const lineOf = (
  { value, description }: Candidate,
  shell: Shell | null,
  under: WordUnderCursor,
): string | null => {
  if (shell === "bash") return insertedFor(under, value);
  return shell === null || description === null ? value : `${value}\t${visible(description)}`;
};
