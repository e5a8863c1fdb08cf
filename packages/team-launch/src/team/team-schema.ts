import * as z from "zod";
import { utf8Bytes } from "@gatehouse/std";
import { providers, type Provider } from "@trust/preflight";
import { limits } from "./limits.ts";

/** Names become parts of paths, of branches and of `team/member`. */
const name = z.string().regex(new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${limits.nameCharacters - 1}}$`));

// eslint-disable-next-line no-control-regex -- control characters are refused
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** A prompt is pasted into a terminal: an escape sequence in it could end the paste. */
// eslint-disable-next-line no-control-regex -- control characters are refused
const controlsInProse = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !controls.test(text));

const memberSchema = z.object({
  name,
  provider: z.enum(providers),
  // The model becomes an argument of the CLI.
  model: line(limits.modelCharacters)
    .refine((text) => !text.startsWith("-"))
    .optional(),
  prompt: z
    .string()
    .max(limits.promptBytes)
    .refine(
      (text) => text.trim() !== "" && !controlsInProse.test(text) && utf8Bytes(text) <= limits.promptBytes,
    )
    .optional(),
  // In a shell `~name` is another account's home; here only the own home is known.
  folder: line(limits.folderCharacters).refine((text) => !/^~[^\\/]/.test(text)),
  worktree: z.boolean().optional(),
});

/** One member of the file, with checked values. */
export type MemberEntry = {
  readonly name: string;
  readonly provider: Provider;
  readonly model?: string | undefined;
  readonly prompt?: string | undefined;
  readonly folder: string;
  readonly worktree?: boolean | undefined;
};

export type TeamEntry = {
  readonly name: string;
  readonly lead: MemberEntry;
  readonly members?: readonly MemberEntry[] | undefined;
};

const teamShape = {
  name,
  lead: memberSchema,
  members: z.array(memberSchema).max(limits.members).optional(),
};

/** The values of a team file. Unknown keys are searched for in the tree, which has their places. */
export const teamSchema: z.ZodType<TeamEntry> = z.object(teamShape);

export const teamKeys: readonly string[] = Object.keys(teamShape);
export const memberKeys: readonly string[] = Object.keys(memberSchema.shape);

const aName = `1 to ${limits.nameCharacters} letters (a to z), digits, dots, dashes or underscores, the first a letter or a digit`;

/** An additional rule for a name if a worktree is made. */
export const branchPart =
  "without two dots in a row, and without a dot or .lock at its end, since a branch is named after it";

/** For each key, the text after "... must be". */
export const expectations: Readonly<Record<string, string>> = {
  name: aName,
  members: `a list of at most ${limits.members} members`,
  provider: `one of ${providers.join(", ")}`,
  model: `one line of at most ${limits.modelCharacters} characters that does not begin with a dash`,
  prompt: `text of at most ${limits.promptBytes} bytes in UTF-8, without control characters`,
  folder: `a path of at most ${limits.folderCharacters} characters: absolute, below ~, or relative to the team file`,
  worktree: "true or false",
};
