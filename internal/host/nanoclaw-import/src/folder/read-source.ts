import { join } from "node:path";
import { readForeignTables, type ForeignTablesError } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";
import type { LegacyRows } from "../convert-rows.ts";

/** The error of reading a nanoclaw folder. */
export type SourceError =
  | { readonly code: "not-a-nanoclaw-folder"; readonly folder: string; readonly detail: string }
  | { readonly code: "source-in-use"; readonly file: string }
  | { readonly code: "source-unreadable"; readonly file: string; readonly detail: string };

/** Reads all rows of a nanoclaw folder's database. Does not change the folder. */
export const readSource = async (folder: string): Promise<Result<LegacyRows, SourceError>> => {
  const file = join(folder, "data", "v2.db");
  const read = await readForeignTables(file);
  if (!read.ok) return { ok: false, error: sourceError(folder, read.error) };
  if ("agent_groups" in read.value && "messaging_groups" in read.value)
    return { ok: true, value: read.value };
  const detail = `${file} has no tables agent_groups and messaging_groups`;
  return { ok: false, error: { code: "not-a-nanoclaw-folder", folder, detail } };
};

const sourceError = (folder: string, error: ForeignTablesError): SourceError => {
  const { file } = error;
  switch (error.code) {
    case "no-such-file":
      return { code: "not-a-nanoclaw-folder", folder, detail: `there is no ${file}` };
    case "file-in-use":
      return { code: "source-in-use", file };
    case "file-unreadable":
      return { code: "source-unreadable", file, detail: error.detail };
  }
};
