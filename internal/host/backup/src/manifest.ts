import * as z from "zod";
import { parseJson } from "@gatehouse/std";

/** The number of the format that this program writes. It reads this one and older ones. */
export const formatNumber = 1;

/** The names in the tar beside `data/`. */
export const aboutName = "gatehouse-backup.json";
export const manifestName = "manifest.jsonl";
export const dataPrefix = "data/";

/** The first entry of a backup. A later format may have more fields. */
export type About = {
  readonly format: number;
  /** The version of the program that wrote it. */
  readonly version: string;
  /** ISO 8601 in UTC: the time before the first byte was read. */
  readonly createdAt: string;
  /** The machine and the path of the data folder: `alpha:/srv/gatehouse`. */
  readonly from: string;
  /** Where the database was. Only that of `sqlite` is in the backup. */
  readonly database: "sqlite" | "postgresql";
  /** The name of the last migration; null for a database that is not in the backup. */
  readonly schema: string | null;
  readonly hasSecrets: boolean;
};

/** A folder, file or link of a backup. `path` is relative to the data folder, `mode` has the bits of chmod. */
export type BackedUp =
  | { readonly type: "folder"; readonly path: string; readonly mode: number }
  | { readonly type: "link"; readonly path: string; readonly to: string }
  | {
      readonly type: "file";
      readonly path: string;
      readonly mode: number;
      /** Bytes. */
      readonly size: number;
      readonly sha256: string;
    };

/** An entry of the data folder with its bytes, as it goes into a backup and comes out of one. */
export type BackupEntry =
  | (Extract<BackedUp, { readonly type: "folder" }> & { readonly mtimeMs: number })
  | Extract<BackedUp, { readonly type: "link" }>
  | FileEntry;

export type FileEntry = Omit<Extract<BackedUp, { readonly type: "file" }>, "sha256"> & {
  readonly mtimeMs: number;
  /** Exactly `size` bytes, also of a file that changes while it is read. */
  readonly chunks: AsyncIterable<Uint8Array>;
};

/** An entry of the data folder that is not in the backup, or not as a whole. `why` is a clause. */
export type NotInIt = { readonly type: "not-in-it"; readonly path: string; readonly why: string };

/** A line of the manifest. */
export type ManifestLine = BackedUp | NotInIt;

const aboutSchema = z.object({
  format: z.number().int(),
  version: z.string(),
  createdAt: z.string(),
  from: z.string(),
  database: z.enum(["sqlite", "postgresql"]),
  schema: z.string().nullable(),
  hasSecrets: z.boolean(),
});

const formatOnly = z.object({ format: z.number().int(), version: z.string() });

/**
 * Reads the first entry. Of a newer format only the number and the version are known. Null for another program's file.
 */
export const parseAbout = (
  text: string,
): About | { readonly newer: { readonly format: number; readonly version: string } } | null => {
  const value = parseJson(text);
  const known = formatOnly.safeParse(value);
  if (!known.success) return null;
  if (known.data.format > formatNumber) return { newer: known.data };
  return aboutSchema.safeParse(value).data ?? null;
};

/** The line of an entry, with its fields always in this order. */
export const lineOf = (entry: ManifestLine): string => {
  const { type, path } = entry;
  switch (entry.type) {
    case "folder":
      return JSON.stringify({ type, path, mode: octal(entry.mode) });
    case "link":
      return JSON.stringify({ type, path, to: entry.to });
    case "file":
      return JSON.stringify({
        type,
        path,
        mode: octal(entry.mode),
        size: entry.size,
        sha256: entry.sha256,
      });
    case "not-in-it":
      return JSON.stringify({ type, path, why: entry.why });
  }
};

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

const notInItLine = z.object({ type: z.literal("not-in-it"), path: z.string(), why: z.string() });
const anyLine = z.object({ path: z.string() });

/** A manifest: the lines of what is in the backup, as they were written, and what is not in it. */
export type Manifest = { readonly lines: readonly string[]; readonly notInIt: readonly NotInIt[] };

export const parseManifest = (text: string): Manifest => {
  const lines = text.split("\n").filter((line) => line !== "");
  const missing = lines.map((line) => notInItLine.safeParse(parseJson(line)).data ?? null);
  return {
    lines: lines.filter((_, index) => missing[index] === null),
    notInIt: missing.filter((line) => line !== null),
  };
};

/** The paths whose lines differ between what was written and what was read. */
export const differingPaths = (written: readonly string[], read: readonly string[]): readonly string[] => {
  const [before, after] = [new Set(written), new Set(read)];
  const lines = [...written.filter((line) => !after.has(line)), ...read.filter((line) => !before.has(line))];
  return [...new Set(lines.map((line) => anyLine.safeParse(parseJson(line)).data?.path ?? manifestName))];
};

/**
 * True for a path that can be made below a folder: without an empty part, `.`, `..` or NUL. A backup that another
 * program wrote could name a file outside.
 */
export const isSafePath = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
