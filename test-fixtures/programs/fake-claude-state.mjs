// What fake-claude.mjs knows and writes: its scenario, its log, and the state file with its lock.
import fs from "node:fs";
import path from "node:path";
import { doorDefaults } from "./fake-claude-door.mjs";

const home = process.env.HOME;
export const stateFile = path.join(process.env.CLAUDE_CONFIG_DIR || home, ".claude.json");
const lock = `${stateFile}.lock`;

export const readJson = (file, otherwise) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return otherwise;
  }
};

export const scenario = {
  ...doorDefaults,
  version: "2.1.328",
  /** Before anything is drawn; milliseconds, as all times here. */
  startMs: 30,
  /** Of a start without --bare: draws nothing before the first key. */
  startsAtKey: false,
  /** "no-first" as from 2.1.248, "yes-first" as before. */
  order: "no-first",
  numbered: false,
  /** Keys are lost for so long after the dialog was drawn. */
  deadMs: 150,
  /** The dialog mounts again then, and its pointer is back at the first option; null: never. */
  remountMs: 150,
  /** The dialog is drawn again, as it is, as often as that; null: only at a key. */
  redrawMs: null,
  /** From Enter to the write, and how long the lock is held. */
  writeMs: 5,
  lockMs: 10,
  /** How long a lock that stands is waited for before it is broken. */
  patienceMs: 15_000,
  /** Writes beside a lock that stands instead, as Claude does over its control protocol. */
  besideLock: false,
  /** "ask", "crash", "hang" (draws nothing), "unknown" (a dialog nobody knows), "composer" (does not ask), "flood". */
  start: "ask",
  /** A composer stands for so long before the dialog does; null: none does. */
  composerFirstMs: null,
  /** Takes no notice of a hangup or a polite end. */
  stubborn: false,
  /** The folder that the dialog names; null: the one it was started in. */
  shows: null,
  /** A sentence more in the dialog. */
  says: null,
  /** What "flood" writes: once, and for so many bytes a second (null: as fast as they are read) for ever after. */
  flood: "",
  floodAgain: "",
  floodRate: null,
  /** "trust", "crash", "hang", "forget" (goes on without writing), "forget-first" (the first one does), "leave-lock" (writes, and dies with the lock). */
  accept: "trust",
  /** The keys that accepting records; null: the one that Claude would. "own" stands for that one. */
  records: null,
  /** Asks about ANTHROPIC_API_KEY after trust, also with --bare. */
  apiKey: false,
  /** Writes back, so long after its start, the whole state it read then: what others wrote meanwhile is lost. */
  clobberMs: null,
  /** Starts a program that outlives it, once its prompt stands. */
  child: false,
  ...readJson(path.join(path.dirname(process.argv[1]), "fake-claude.json"), {}),
};

const logFile = path.join(home, "fake-claude.log");
export const log = (event, more = {}) =>
  fs.appendFileSync(
    logFile,
    `${JSON.stringify({ pid: process.pid, cwd: process.cwd(), event, ...more })}\n`,
  );

/** Whether this process was the first that accepted trust, of all that the log names. */
export const isFirstToAccept = () => {
  const lines = fs.readFileSync(logFile, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line)).find(({ event }) => event === "accepted")?.pid === process.pid;
};

export const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const exit = (code, why) => {
  log("exit", { code, why });
  process.exit(code);
};

/** As Claude: a folder beside the file is the lock, a new file is renamed over the old one. */
export const update = async (change) => {
  const startedAt = Date.now();
  const isBeside = scenario.besideLock && fs.existsSync(lock);
  while (!isBeside) {
    try {
      fs.mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (Date.now() - startedAt > scenario.patienceMs) fs.rmSync(lock, { recursive: true, force: true });
      else await after(10);
    }
  }
  const state = readJson(stateFile, {});
  change(state);
  const temporary = `${stateFile}.tmp.${process.pid}`;
  fs.writeFileSync(temporary, JSON.stringify(state, null, 2));
  await after(scenario.lockMs);
  fs.renameSync(temporary, stateFile);
  log("written");
  if (scenario.accept === "leave-lock" && state.projects?.[key()]?.hasTrustDialogAccepted) {
    log("exit", { code: 1, why: "with the lock" });
    process.kill(process.pid, "SIGKILL");
  }
  await after(scenario.lockMs);
  if (!isBeside) fs.rmdirSync(lock);
};

export const cwd = fs.realpathSync(process.cwd());

/** The nearest folder with a `.git`; null outside of every repository. */
const gitRoot = (from = cwd) => {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, ".git"))) return folder;
    if (path.dirname(folder) === folder) return null;
  }
};

/** The git root, or the main checkout of a worktree (whose `.git` is a file that names it), else the real path. */
export const key = (from = cwd) => {
  const root = gitRoot(from);
  if (root === null || fs.statSync(path.join(root, ".git")).isDirectory()) return root ?? from;
  const [, main] = /^gitdir: (.+)\/\.git\/worktrees\//.exec(fs.readFileSync(path.join(root, ".git"), "utf8")) ?? [];
  return main ?? root;
};

/** What the folder's own settings allow without asking. */
export const preApproved = () => readJson(path.join(cwd, ".claude", "settings.json"), {}).permissions?.allow ?? [];

/** Folders above count down to the git root, as from 2.1.232; where permissions are pre-approved only the key does. */
export const isTrusted = () => {
  const projects = readJson(stateFile, {}).projects ?? {};
  if (projects[key()]?.hasTrustDialogAccepted) return true;
  const root = gitRoot();
  for (let folder = cwd; preApproved().length === 0; folder = path.dirname(folder)) {
    if (projects[folder]?.hasTrustDialogAccepted) return true;
    if (folder === root || path.dirname(folder) === folder) return false;
  }
  return false;
};
