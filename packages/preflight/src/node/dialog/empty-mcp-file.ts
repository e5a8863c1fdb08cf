import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Result } from "../../index.ts";
import { emptyMcpConfig } from "../../providers/protected-command.ts";
import { systemCode } from "@gatehouse/std";
import { withTempFolder } from "../temp-folder.ts";

type TempError = { readonly detail: string };

/** Lends an empty MCP configuration (0600, in its own folder) while `use` runs. */
export const withEmptyMcpFile = async <T>(
  use: (file: string) => Promise<T>,
): Promise<Result<T, TempError>> => {
  const lent = await withTempFolder(async (folder): Promise<Result<T, TempError>> => {
    const file = join(folder, "mcp.json");
    const written = await write(file);
    return written.ok ? { ok: true, value: await use(file) } : written;
  });
  return lent.ok ? lent.value : lent;
};

const write = async (file: string): Promise<Result<null, TempError>> => {
  try {
    await writeFile(file, emptyMcpConfig, { mode: 0o600 });
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, error: { detail: `${systemCode(error)}: ${file}` } };
  }
};
