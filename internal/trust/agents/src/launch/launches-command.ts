import { existsSync } from "node:fs";
import { paintFor, printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { listHeld } from "@gatehouse/held-client";
import { visible } from "@gatehouse/std";
import { artifactFile, isLaunching, readJournals, type KeptLaunch } from "@trust/team-launch/node";
import { lastOf } from "@trust/team-launch";
import { renderStory, type ListedLaunch } from "./render-story.ts";

/** The parsed flags of `gatehouse launches list|show`. */
export type LaunchesFlags = { readonly data?: string; readonly json?: boolean };

/** Prints all launches, newest first. */
export const listCommand = async ({ data, json: isJson = false }: LaunchesFlags, io: Io): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const kept = (await readJournals(dataDir)).toReversed();
  const launches = await Promise.all(kept.map((launch) => listed(launch, dataDir)));
  if (isJson) printJson(io, { ok: true, launches: launches.filter((it) => it !== null) });
  else {
    const paint = paintFor(io);
    const lines = launches.flatMap((launch) => {
      if (launch === null) return [];
      const { id, team, state, members, code } = launch;
      const head = (state === "ready" ? paint.good : paint.bad)(state.padEnd(11));
      return [`${head} ${id}  ${visible(team)}  ${members} agents${code === undefined ? "" : `  ${code}`}\n`];
    });
    io.stdout.write(lines.length === 0 ? "No team was launched in this data folder.\n" : lines.join(""));
  }
  return 0;
};

const listed = async ({ id, entries }: KeptLaunch, dataDir: string): Promise<ListedLaunch | null> => {
  const began = lastOf(entries, "run");
  if (began === undefined) return null;
  const { team, members } = began.run;
  const ended = lastOf(entries, "ended");
  const code = ended?.error?.code;
  return {
    id,
    team,
    at: began.at,
    members: members.length,
    state: ended?.state ?? ((await isLaunching(dataDir, team)) ? "spawning" : "interrupted"),
    ...(code === undefined ? {} : { code }),
  };
};

/** Prints the steps of one launch, named by its id or the beginning of its id. */
export const showCommand = async (
  named: string,
  { data, json: isJson = false }: LaunchesFlags,
  io: Io,
): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const found = (await readJournals(dataDir)).filter(({ id }) => id.startsWith(named));
  const [launch, another] =
    found.find(({ id }) => id === named) === undefined ? found : found.filter(({ id }) => id === named);
  const summary = launch === undefined || another !== undefined ? null : await listed(launch, dataDir);
  if (launch === undefined || summary === null) {
    const message =
      found.length > 1
        ? `${found.length} launches begin with ${visible(named)}.`
        : `There is no launch ${visible(named)} in ${dataDir}.`;
    const code = found.length > 1 ? "ambiguous-launch" : "no-such-launch";
    printFailure(io, isJson, { code, message, fix: "gatehouse launches list" });
    return 1;
  }
  const file = artifactFile(dataDir, launch.id);
  const artifact = existsSync(file) ? file : null;
  const held = await listHeld(dataDir);
  const agents = held.ok ? held.value.agents.filter(({ team }) => team === summary.team) : [];
  if (isJson) {
    const shown = agents.map(({ member, state, since }) => ({ member, state, since }));
    printJson(io, { ok: true, launch: summary, journal: launch.entries, agents: shown, artifact });
  } else io.stdout.write(renderStory({ summary, entries: launch.entries, agents, artifact }, paintFor(io)));
  return 0;
};
