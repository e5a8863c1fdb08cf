import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { besideGroups } from "@gatehouse/group-setup";
import { makeFolder } from "@gatehouse/fs-kit";
import { groupFolder } from "@gatehouse/group-workspace";
import { systemCode } from "@gatehouse/std";
import type { ConvertedRows } from "../convert-rows.ts";
import { claudeFolder, sessionsRoot, type LegacyConversation } from "../folder/conversations.ts";
import { copyFile, copyFolder } from "../folder/copy-folder.ts";
import { isPlainFile } from "../folder/facts-of.ts";
import { foldersBelow, plainFolder } from "../folder/plain-folder.ts";
import type { Along, AlongPlace, Brought, Left } from "./brought.ts";

/** A session, and the name of the Claude Code conversation that it continues. */
export type Continued = { readonly sessionId: string; readonly conversation: string };

/** The imported conversations. `paths` are their folders in the nanoclaw folder. */
export type Resumed = Along & {
  readonly paths: ReadonlySet<string>;
  readonly continued: readonly Continued[];
};

/**
 * Imports the conversations that a session of this host can continue: those of active sessions with a transcript of
 * Claude Code. The session gets the transcript and the CLI's memory in its HOME. `continued` has the conversation's
 * name for the session's rows.
 */
export const bringConversations = async (
  place: AlongPlace,
  conversations: readonly LegacyConversation[],
  { rows }: ConvertedRows,
): Promise<Resumed> => {
  const folders = new Map(rows.agent_groups.map(({ id, folder }) => [id, String(folder)]));
  const active = rows.sessions.filter(({ status }) => status === "active");
  const [brought, left, paths]: [Brought[], Left[], Set<string>] = [[], [], new Set()];
  const continued: Continued[] = [];
  for (const one of conversations) {
    const folder = folders.get(one.groupId);
    const isOurs = active.some((row) => row["id"] === one.sessionId && row["agent_group_id"] === one.groupId);
    const name = conversationIn(one);
    if (folder === undefined || !isOurs || name === null) continue;
    const from = await transcriptOf(place, one, name);
    if (from === null) continue;
    const taken = await resume({ place, one, name, from, folder });
    if (typeof taken === "string") left.push({ what: one.path, count: 1, why: taken });
    else {
      paths.add(one.path);
      continued.push({ sessionId: one.sessionId, conversation: name });
      brought.push(taken.brought);
      left.push(...taken.left);
    }
  }
  return { brought, left, paths, continued };
};

/** The name of Claude Code's conversation; null if it is not valid as a file name. */
const conversationIn = ({ kept }: LegacyConversation): string | null => {
  const name = kept["continuation:claude"] ?? kept["sdk_session_id"] ?? "";
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/.test(name) ? name : null;
};

/** The project folder in which Claude Code keeps this transcript; null if there is none. */
const transcriptOf = async (
  { folder }: AlongPlace,
  { groupId }: LegacyConversation,
  name: string,
): Promise<string | null> => {
  const parts = [...sessionsRoot.split("/"), groupId, claudeFolder, "projects"];
  for (const project of await foldersBelow(folder, ...parts)) {
    const path = await plainFolder(folder, ...parts, project);
    if (path !== null && (await isPlainFile(join(path, `${name}.jsonl`)))) return path;
  }
  return null;
};

type Resumable = {
  readonly place: AlongPlace;
  readonly one: LegacyConversation;
  readonly name: string;
  /** The folder with the transcript. */
  readonly from: string;
  /** The name of the group's folder. */
  readonly folder: string;
};

type Taken = { readonly brought: Brought; readonly left: readonly Left[] };

const resume = async ({ place, one, name, from, folder }: Resumable): Promise<Taken | string> => {
  const session = join(besideGroups(place.staging), "sessions", one.groupId, one.sessionId);
  await makeFolder(dirname(session), 0o711);
  const claude = join(session, "home", ".claude");
  const project = join(claude, "projects", projectName(await realFolder(place.dataDir, folder)));
  await makeFolder(session, 0o711);
  await makeFolder(project, 0o700);
  const why = await copyFile(join(from, `${name}.jsonl`), join(project, `${name}.jsonl`), place);
  if (why !== null) return `its transcript stays: ${why}`;
  const left: Left[] = [];
  let files = 1;
  for (const [source, target] of [
    [join(from, name), join(project, name)],
    [join(from, "memory"), join(project, "memory")],
  ] as const) {
    if ((await plainFolder(dirname(source), source.slice(dirname(source).length + 1))) === null) continue;
    const copied = await copyFolder(source, target, place);
    files += copied.files;
    left.push(...copied.skipped.map((it) => ({ what: join(one.path, it.path), count: 1, why: it.why })));
  }
  const memory = join(from, "..", "..", "CLAUDE.md");
  if (await isPlainFile(memory))
    files += (await copyFile(memory, join(claude, "CLAUDE.md"), place)) === null ? 1 : 0;
  return { brought: { what: one.path, files, now: `session ${one.sessionId}, which continues it` }, left };
};

/** The name of Claude Code's project folder for a path: the path with dashes. */
const projectName = (path: string): string => path.replaceAll(/[^A-Za-z0-9]/g, "-");

/** The path of the group's folder as the CLI will see it. The folder does not exist yet. */
const realFolder = async (dataDir: string, folder: string): Promise<string> => {
  try {
    return groupFolder(await realpath(dataDir), folder);
  } catch (error) {
    systemCode(error);
    return groupFolder(dataDir, folder);
  }
};
