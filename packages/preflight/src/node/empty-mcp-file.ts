import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "../index.ts";
import { emptyMcpConfig } from "../protected-command.ts";
import { systemCode } from "./system-code.ts";

/** Lends an empty MCP configuration (0600, in a folder of its own, 0700) for as long as `use` takes, however it ends: also where a bug ends the process. */
export const withEmptyMcpFile = async <T>(
  use: (file: string) => Promise<T>,
): Promise<Result<T, { readonly detail: string }>> => {
  const folder = await makeFolder();
  if (!folder.ok) return folder;
  const removeNow = (): void => rmSync(folder.value, { recursive: true, force: true });
  process.once("exit", removeNow);
  try {
    const file = join(folder.value, "mcp.json");
    const written = await write(file);
    return written.ok ? { ok: true, value: await use(file) } : written;
  } finally {
    process.off("exit", removeNow);
    removeNow();
  }
};

const makeFolder = async (): Promise<Result<string, { readonly detail: string }>> => {
  try {
    return { ok: true, value: await mkdtemp(join(tmpdir(), "workspace-trust-")) };
  } catch (error) {
    return { ok: false, error: { detail: `${systemCode(error)}: ${tmpdir()}` } };
  }
};

const write = async (file: string): Promise<Result<null, { readonly detail: string }>> => {
  try {
    await writeFile(file, emptyMcpConfig, { mode: 0o600 });
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, error: { detail: `${systemCode(error)}: ${file}` } };
  }
};
