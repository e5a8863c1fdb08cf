import { createHash } from "node:crypto";
import { projectKey, type ConfigSnapshot } from "../config-change.ts";
import type { ReadError } from "../problem-messages.ts";
import { isTable, isTooDeep } from "../inline-toml.ts";
import { parseToml } from "../parse-text.ts";
import type { Result } from "@gatehouse/std";
import type { TomlTable, TomlValue } from "../toml-value.ts";
import { readConfigFile } from "./config-file.ts";

const digestOf = (content: Buffer | string): string => createHash("sha256").update(content).digest("hex");

const digestOfValue = (value: TomlValue): string =>
  digestOf(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)));

/** A name and a digest for each top-level key, and for each entry of `projects`. */
const keyDigests = (config: TomlTable): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(config).flatMap(([key, value]) =>
      key === "projects" && isTable(value)
        ? Object.entries(value).map(([folder, entry]) => [projectKey(folder), digestOfValue(entry)] as const)
        : [[key, digestOfValue(value)] as const],
    ),
  );

/**
 * Takes a snapshot of a config.toml, before a launch and again after it, for `configChange` to compare. Only
 * digests of the content are kept.
 */
export const snapshotConfig = async (file: string): Promise<Result<ConfigSnapshot, ReadError>> => {
  const read = await readConfigFile(file);
  if (!read.ok) return read;
  if (read.value === null) return { ok: true, value: { file, stat: null, digest: null, keys: null } };
  const { bytes, stat } = read.value;
  const parsed = parseToml(bytes.toString("utf8"));
  return {
    ok: true,
    value: {
      file,
      stat: { size: stat.size, mtimeMs: stat.mtimeMs, inode: stat.ino },
      digest: digestOf(bytes),
      keys: parsed.ok && !isTooDeep(parsed.value) ? keyDigests(parsed.value) : null,
    },
  };
};
