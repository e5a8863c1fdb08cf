import { join } from "node:path";
import { changeKeptFile, readKeptFile } from "@gatehouse/fs-kit";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import * as z from "zod";

/** The beginning of the names under which groups have the operator's own providers. No provider of ours has it. */
export const ownPrefix = "own:";

/** A provider of the operator: an agent that speaks ACP, as `gatehouse agents try` proposes it. */
export type OwnProvider = {
  readonly v: 1;
  readonly name: string;
  /** How the agent named itself in its trial. */
  readonly agent: string;
  readonly api: "anthropic" | "openai" | "google";
  /** The paths at which it asks its model. */
  readonly paths: readonly string[];
  /** Words and values may have `{url}`, `{key}` and `{model}`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mode: string | null;
  readonly inputIn: "report" | "request" | "text" | "words";
  readonly denialEnds: boolean;
  readonly takesServers: boolean;
  readonly errorPrefix: string | null;
};

const line = z
  .string()
  .min(1, "is empty")
  .max(10_000, "is longer than 10000 characters")
  .refine((text) => !text.includes("\0"), "has a null character");

const row = z
  .strictObject({
    v: z.literal(1, "is not 1: use the gatehouse that made the row"),
    name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "is no name of small letters, digits and -"),
    agent: line,
    api: z.enum(["anthropic", "openai", "google"]),
    paths: z.array(line).min(1, "is empty"),
    command: z.array(line).min(1, "is empty"),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(10_000), {
      error: ({ code }) => (code === "invalid_key" ? "is no name of a variable" : undefined),
    }),
    mode: line.nullable(),
    inputIn: z.enum(["report", "request", "text", "words"]),
    denialEnds: z.boolean(),
    takesServers: z.boolean(),
    errorPrefix: line.nullable(),
  })
  .superRefine(({ command, env }, context) => {
    const texts = [...command.slice(1), ...Object.values(env)];
    for (const place of ["{url}", "{key}"])
      if (!texts.some((text) => text.includes(place)))
        context.addIssue({
          code: "custom",
          path: ["env"],
          message: `has no ${place}, so its requests would not go through the gateway`,
        });
  });

const file = z.strictObject({ v: z.literal(1), providers: z.array(row) });

/** Reads a row. The error lists all problems, each with its place. */
export const parseOwnProvider = (text: string): Result<OwnProvider, readonly string[]> =>
  parsed(row, parseJson(text), "it is no JSON object");

const parsed = <T>(schema: z.ZodType<T>, value: unknown, noObject: string): Result<T, readonly string[]> => {
  if (typeof value !== "object" || value === null) return fail([noObject]);
  const read = schema.safeParse(value);
  return read.success
    ? ok(read.data)
    : fail(
        read.error.issues.map(({ path, message }) =>
          path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`,
        ),
      );
};

/** The error of reading or changing the operator's providers. */
export type OwnProvidersError =
  | { readonly code: "providers-unreadable"; readonly file: string; readonly problems: readonly string[] }
  | { readonly code: "providers-unwritable"; readonly file: string; readonly detail: string };

const fileIn = (dataDir: string): string => join(dataDir, "providers.json");

/** Reads the operator's providers; none without a file. */
export const readOwnProviders = async (
  dataDir: string,
): Promise<Result<readonly OwnProvider[], OwnProvidersError>> => {
  const path = fileIn(dataDir);
  const unreadable = (problems: readonly string[]) =>
    fail({ code: "providers-unreadable", file: path, problems } as const);
  const read = await readKeptFile(path);
  if (!read.ok) return unreadable([read.error]);
  if (read.value === null) return ok([]);
  const content = parsed(file, parseJson(read.value), "it is no JSON object");
  return content.ok ? ok(content.value.providers) : unreadable(content.error);
};

/** Changes the operator's providers under a lock. Returns those of before. */
export const changeOwnProviders = (
  dataDir: string,
  change: (before: readonly OwnProvider[]) => readonly OwnProvider[],
): Promise<Result<readonly OwnProvider[], OwnProvidersError>> => {
  const path = fileIn(dataDir);
  return changeKeptFile(
    path,
    async () => {
      const before = await readOwnProviders(dataDir);
      if (!before.ok) return before;
      const providers = change(before.value).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const text = `${JSON.stringify({ v: 1, providers }, null, 2)}\n`;
      return ok({ value: before.value, text });
    },
    (detail): OwnProvidersError => ({ code: "providers-unwritable", file: path, detail }),
  );
};

/** The row of a group's provider. Null for a provider of ours; the error is a sentence for the group's people. */
export const ownProviderOf = async (
  dataDir: string,
  provider: string,
): Promise<Result<OwnProvider | null, string>> => {
  if (!provider.startsWith(ownPrefix)) return ok(null);
  const read = await readOwnProviders(dataDir);
  if (!read.ok) return fail(explainOwnProviders(read.error).message);
  const names = read.value.map(({ name }) => `${ownPrefix}${name}`);
  const found = read.value[names.indexOf(provider)];
  const others = names.length === 0 ? "" : ` It has ${names.join(", ")}.`;
  return found === undefined
    ? fail(
        `This host has no provider "${provider}".${others} Its operator adds one: gatehouse providers add ROW`,
      )
    : ok(found);
};

/** Explains an error of the operator's providers. */
export const explainOwnProviders = (
  error: OwnProvidersError,
): { readonly code: OwnProvidersError["code"]; readonly message: string; readonly fix: string } =>
  error.code === "providers-unreadable"
    ? {
        code: error.code,
        message: `The providers in ${error.file} cannot be read: ${error.problems.join("; ")}.`,
        fix: "correct the file, or move it away and add the providers again: gatehouse providers add",
      }
    : {
        code: error.code,
        message: `The providers in ${error.file} cannot be written (${error.detail}).`,
        fix: "check the rights of the folder and the disk; nothing was changed",
      };
