import { existsSync } from "node:fs";
import { printFailure, type Io } from "@gatehouse/cli-kit";
import { runningHost } from "@gatehouse/data-folder";
import { chooseDatabase, type ChosenDatabase } from "@gatehouse/data-folder/choose-database";
import { chooseForFolder } from "@gatehouse/places";
import { initCommand, readOwnersGroup, type InitFlags } from "@gatehouse/first-run";
import { dataFolder } from "@gatehouse/fs-kit";
import { wrapRow } from "@gatehouse/std";
import { chatCommand } from "../chat/chat-command.ts";
import { onOwnHost } from "../foreign-host.ts";
import { buildCommand, engineWithoutImage } from "../image/image-command.ts";
import { fetchCli } from "../init/fetch-cli.ts";
import { startUp, usageErrors, type UpFlags } from "../up/up-command.ts";

/** The flags of `gatehouse start`, parsed: those of `init`, and of `up` what agents run in and whom they ask. */
export type StartFlags = InitFlags & Pick<UpFlags, "runtime" | "engineSocket" | "upstream">;

/** What goes into the agents' image. */
type ImageParts = { readonly containerfile: string; readonly clis: readonly string[] };

/**
 * Does the steps to a first chat that are still to do: the agents' image, the owner's group, the host. Then chats, and ends the
 * host that it started. The host runs in this process, so no end of the process leaves it behind. Returns the exit code.
 */
export const startCommand = async (
  flags: StartFlags,
  version: string,
  image: ImageParts,
  io: Io,
): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  if (flags.keyStdin === true) {
    printFailure(io, flags.json === true, keyAndChat);
    return 2;
  }
  // At a terminal, in rows that break between words. The last column stays free: some terminals wrap there at once.
  const { isTTY = false, columns } = io.stderr;
  const say = (text: string): void => {
    for (const row of isTTY ? wrapRow(text, (columns || 80) - 1) : [text]) io.stderr.write(`${row}\n`);
  };
  return onOwnHost(flags, io, async () => {
    const host = await runningHost(dataFolder(io.env, flags.data));
    if (host === null) return startAll({ flags, version, image, chosen }, io, say);
    say(`The host that runs already (pid ${host.pid}) goes on after this chat.`);
    return chat(flags, chosen, io);
  });
};

const keyAndChat = {
  code: "usage",
  message: "--key-stdin takes all of stdin, so that no line of it is left for the chat.",
  fix: "gatehouse init --key-stdin <FILE first, with the same flags; then gatehouse start",
};

type Start = {
  readonly flags: StartFlags;
  readonly version: string;
  readonly image: ImageParts;
  readonly chosen: ChosenDatabase;
};

const startAll = async (
  { flags, version, image, chosen }: Start,
  io: Io,
  say: (text: string) => void,
): Promise<number> => {
  const built = await buildIfMissing({ flags, version, image }, io, say);
  if (built !== 0) return built;
  // Before the questions: without isolation no host would start.
  const runtime = await chooseForFolder(flags, io.env, version, dataFolder(io.env, flags.data));
  if (!runtime.ok) {
    printFailure(io, flags.json === true, runtime.error);
    return usageErrors.has(runtime.error.code) ? 2 : 1;
  }
  if (!(await isInitialised(flags, chosen, io))) {
    const made = await initCommand(flags, version, besideChat(io), fetchCli, { isFollowed: true });
    if (made !== 0) return made;
  }
  // Lines of the host would end up between those of the chat.
  const later: string[] = [];
  let isChatting = false;
  const sayOrKeep = (text: string): void => void (isChatting ? later.push(text) : say(text));
  const host = await startUp(flags, version, io, sayOrKeep);
  if (typeof host === "number") return host;
  say(
    "The host ends with this chat. To keep one running: gatehouse up, and gatehouse chat in another shell.",
  );
  void host.replaced.then(({ message }) => {
    sayOrKeep(message);
    return host.stop();
  });
  isChatting = true;
  try {
    return io.signal.aborted ? 130 : await chat(flags, chosen, io);
  } finally {
    isChatting = false;
    for (const text of later) say(text);
    await host.stop();
  }
};

/** Only the chat writes to stdout, where a script reads the answers. */
const besideChat = (io: Io): Io => ({ ...io, stdout: io.stderr });

const buildIfMissing = async (
  { flags, version, image }: Omit<Start, "chosen">,
  io: Io,
  say: (text: string) => void,
): Promise<number> => {
  const engine = await engineWithoutImage(flags, io);
  if (engine === null) return 0;
  const without = "gatehouse start --runtime sandbox goes on without containers";
  say(`${engine} runs here and lacks the agents' image: it is built now, in a minute or two. (${without}.)`);
  const { containerfile, clis } = image;
  const { data, json, engineSocket } = flags;
  const place = {
    ...(data === undefined ? {} : { data }),
    ...(json === undefined ? {} : { json }),
    ...(engineSocket === undefined ? {} : { engineSocket }),
  };
  const files = { containerfile, version };
  const built = await buildCommand({ ...place, runtime: engine, clis }, files, besideChat(io));
  if (built !== 0 && !io.signal.aborted)
    say(`The image was not built. docs/containers.md tells how to build it without a registry; ${without}.`);
  return built;
};

/** True if there is an owner's group and no flag asks for more. Why it cannot be read is told by `init`. */
const isInitialised = async (flags: StartFlags, chosen: ChosenDatabase, io: Io): Promise<boolean> => {
  const { name, folder, owner, provider, fetch } = flags;
  if ([name, folder, owner, provider, fetch].some((value) => value !== undefined)) return false;
  const group = await ownersGroup(flags, chosen, io);
  return group.ok && group.value !== null;
};

const ownersGroup = async (flags: StartFlags, chosen: ChosenDatabase, io: Io) => {
  const dataDir = dataFolder(io.env, flags.data);
  if (!existsSync(dataDir)) return { ok: true, value: null } as const;
  return readOwnersGroup({ dataDir, ...chosen });
};

const chat = async (flags: StartFlags, chosen: ChosenDatabase, io: Io): Promise<number> => {
  const group = await ownersGroup(flags, chosen, io);
  const { data, json, owner } = flags;
  const named = flags.folder ?? (group.ok ? group.value?.folder : undefined);
  return chatCommand(
    {
      ...(named === undefined ? {} : { group: named }),
      ...(owner === undefined ? {} : { as: owner }),
      ...(data === undefined ? {} : { data }),
      ...(json === undefined ? {} : { json }),
    },
    io,
  );
};
