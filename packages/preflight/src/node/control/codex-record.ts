import type { WorkspacePaths } from "@trust/claude-state-probe";
import { explain, findEntry, trustEntries, type EntryFound, type TrustLevel } from "@trust/codex-overrides";
import {
  configFile,
  folderContext,
  readProjects,
  trustKeys,
  type CodexPlace,
} from "@trust/codex-overrides/node";
import { defaultLimits } from "@trust/dialog-engine";
import { codexPack } from "@trust/dialog-engine/packs";
import { projectGrants } from "../../grants.ts";
import type { Result } from "../../index.ts";
import { watchByReading, type PromptedCli } from "../dialog/prompted-cli.ts";
import { codexFiles } from "../plan/project-files.ts";
import type { ConfirmContext } from "../plan/strategy.ts";

/**
 * Codex with config.toml as the proof of trust: only the entry of the folder's own real path counts. Its dialog is not
 * answered.
 */
export const codexRecord = ({ env, home }: ConfirmContext): PromptedCli => {
  const place = { env, home };
  const isTrusted = async ({ real }: WorkspacePaths): Promise<boolean> => {
    const read = await entryFor([real], place);
    return read.ok && read.value.state === "trusted";
  };
  return {
    pack: codexPack,
    env,
    withArgs: async (use) => ({ ok: true, value: await use([]) }),
    file: configFile(place),
    homeFile: configFile({ env: {}, home }),
    defaultTimeoutMs: defaultLimits.totalMs,
    keyOf: ({ real }) => real,
    trustedKeys: () => trustedKeys(place),
    isTrusted,
    // Codex has written config.toml before it answers (0.101.0 to 0.169.0).
    watchTrusted: watchByReading(isTrusted),
    grantsOf: async (paths) => projectGrants(codexFiles(paths)),
    runsAlone: false,
    unasked: "not-asked",
  };
};

/** The entry in config.toml that decides about a folder now. The error is a sentence. */
export const decidingEntry = (
  paths: WorkspacePaths,
  place: CodexPlace,
): Promise<Result<EntryFound, string>> => entryFor(trustKeys(paths), place);

const entryFor = async (keys: readonly string[], place: CodexPlace): Promise<Result<EntryFound, string>> => {
  const [entries, { platform }] = await Promise.all([readEntries(place), folderContext(place.home)]);
  return entries.ok ? { ok: true, value: findEntry(entries.value, keys, platform) } : entries;
};

const trustedKeys = async (place: CodexPlace): Promise<Result<readonly string[], string>> => {
  const entries = await readEntries(place);
  if (!entries.ok) return entries;
  return {
    ok: true,
    value: [...entries.value].flatMap(([key, level]) => (level === "trusted" ? [key] : [])),
  };
};

const readEntries = async (place: CodexPlace): Promise<Result<ReadonlyMap<string, TrustLevel>, string>> => {
  const read = await readProjects(place);
  return read.ok ? { ok: true, value: trustEntries(read.value) } : { ok: false, error: explain(read.error) };
};
