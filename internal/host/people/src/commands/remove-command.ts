import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { log } from "@clack/prompts";
import {
  prepareRemoval,
  removeUser,
  thisMachine,
  type PreparedRemoval,
  type RemoveRequest,
} from "@nc/user-wizard/node";
import { userIdsOf } from "@nc/user-wizard";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import { processRecords, stateOf } from "@gatehouse/processes/records";
import type { ChosenDatabase } from "@gatehouse/data-folder/choose-database";
import { noteActOfOwner, withOwnersRights } from "@gatehouse/data-folder";
import { heldRoles, type HeldRole } from "../held-roles.ts";
import { reloadHost } from "../reload-host.ts";
import { agree, canAsk, missingYes } from "./ask-answers.ts";
import { ended, refusedBy, reportEnd, type Ended } from "./ended.ts";
import { missingData, placesOf, type HostPlaces } from "./places.ts";
import { whoOf, type RemoveFlags } from "./flags.ts";
import { finishRemoval, goneIds, previewText, removalDocument, removalText } from "./remove-result.ts";

const output = process.stderr;

/** A removal after its flags were checked and its places found. */
type Removing = {
  readonly flags: RemoveFlags;
  readonly host: HostPlaces;
  readonly central: CentralPlace;
  readonly request: RemoveRequest;
  readonly isTerminal: boolean;
};

/** Removes a person, after a review at a terminal. Returns the exit code. */
export const removeCommand = async (
  who: string,
  flags: RemoveFlags,
  { database }: ChosenDatabase,
  io: Io,
): Promise<number> => {
  return reportEnd(await remove(who, flags, database, io), flags.json === true, io);
};

const remove = async (
  who: string,
  flags: RemoveFlags,
  database: ChosenDatabase["database"],
  io: Io,
): Promise<Result<null, Ended>> => {
  const isTerminal = canAsk();
  const misuse = usageProblem(flags, isTerminal, io);
  if (misuse !== null) return ended("misused", misuse);
  const { uid } = thisMachine;
  if (uid !== 0 && flags.dryRun !== true) return refusedBy({ code: "root-needed", uid });
  const host = await placesOf(flags, io);
  if (!host.ok) return ended("refused", host.error);
  const central = { dataDir: host.value.data, database };
  const request = { places: host.value.places, who: whoOf(who), folders: flags.folders };
  const removing = { flags, host: host.value, central, request, isTerminal };
  return flags.dryRun === true ? showOnly(removing, io) : carryOut(removing, io);
};

const usageProblem = (flags: RemoveFlags, isTerminal: boolean, io: Io): Failure | null => {
  const missing = [...missingData(flags, io), ...missingYes(flags, isTerminal)];
  if (missing.length === 0) return null;
  const fix = "gatehouse users remove --help";
  return { code: "usage", message: `Missing: ${missing.join(", ")}.`, fix };
};

/** Roles that were granted by hand, which the removal keeps. Refuses the only owner: the host would have none. */
const rolesOf = async (
  { central }: Removing,
  { plan: { user } }: PreparedRemoval,
): Promise<Result<readonly HeldRole[], Failure>> => {
  const ids = userIdsOf(user);
  const read = await withOwnersRights(central.dataDir, () =>
    readCentral(central, (db) => heldRoles(db, ids)),
  );
  if (!read.ok) return read;
  if (read.value?.isOnlyOwner !== true) return ok(read.value?.byHand ?? []);
  const message = `${user.name} (${ids.join(", ")}) is the only owner of this host, so it would have none.`;
  const fix = "make another person owner first: ncl roles grant --user CHANNEL:ID --role owner";
  return fail({ code: "last-owner", message, fix });
};

const showOnly = async (removing: Removing, io: Io): Promise<Result<null, Ended>> => {
  const prepared = await prepareRemoval(thisMachine, removing.request);
  if (!prepared.ok) return refusedBy(prepared.error);
  const roles = await rolesOf(removing, prepared.value);
  if (!roles.ok) return ended("refused", roles.error);
  const interrupted = existsSync(thisMachine.journals.pathOf(removing.request.places.usersFile));
  if (removing.flags.json === true)
    printJson(io, {
      ok: true,
      status: "would-remove",
      ...removalDocument(prepared.value, roles.value),
      interrupted,
    });
  else {
    const first = interrupted ? `${interruptedText}\n` : "";
    io.stdout.write(`${previewText(prepared.value, roles.value)}\n${first}Nothing was changed.\n`);
  }
  return ok(null);
};

const carryOut = async (removing: Removing, io: Io): Promise<Result<null, Ended>> => {
  const { flags, host, request, isTerminal } = removing;
  let stopped: Result<never, Ended> | null = null;
  let roles: readonly HeldRole[] = [];
  let account: string | null = null;
  const review = async (prepared: PreparedRemoval): Promise<boolean> => {
    const held = await rolesOf(removing, prepared);
    if (!held.ok) stopped = ended("refused", held.error);
    if (!held.ok) return false;
    roles = held.value;
    account = prepared.plan.user.os_user;
    if (isTerminal) log.message(removalText(prepared, roles).split("\n"), { output });
    if (flags.yes === true) return true;
    const agreed = await agree("Do this?", io.signal);
    if (agreed !== "yes") stopped = ended(agreed === "cancelled" ? "cancelled" : "refused", cancelled);
    return agreed === "yes";
  };
  let told: ReturnType<typeof reloadHost> | null = null;
  const tell = () => (told ??= tellHost(removing));
  const beforeSudoEnds = async (): Promise<void> => {
    const reloaded = await tell();
    const isTold = reloaded.ok && reloaded.value.state === "reloaded";
    if (isTold && account !== null) await agentsEnded(host.data, account);
  };
  const removed = await removeUser(thisMachine, { ...request, review, beforeSudoEnds });
  if (!removed.ok) return refusedBy(removed.error);
  if (stopped !== null) return stopped;
  const act = {
    command: "users remove",
    args: { user: goneIds(removed.value).join(","), folders: flags.folders ?? "keep" },
  };
  await noteActOfOwner(host.data, act, io);
  const reloaded = await tell();
  const running = account === null ? [] : await agentsOf(host.data, account);
  return finishRemoval({ removed: removed.value, roles, reloaded, running, isJson: flags.json === true }, io);
};

const tellHost = ({ flags, host }: Removing) =>
  reloadHost({
    data: host.data,
    file: host.places.usersFile,
    serviceLabel: flags.serviceLabel,
    isWanted: async () => flags.reload === "yes",
  });

const interruptedText =
  "An earlier run was interrupted. The next run finishes or undoes it first, so this preview may change.";

const cancelled: Failure = { code: "cancelled", message: "Cancelled. No one was removed." };

/** Maximum time in which a host ends an agent, ms: first by SIGTERM, then by SIGKILL. */
const maxMs = 20_000;
const pollEveryMs = 100;

/** The running process groups that the host of a data folder started as this account. */
const agentsOf = async (data: string, account: string): Promise<readonly number[]> => {
  const listed = await processRecords(join(data, "processes")).list();
  const records = listed.ok ? listed.value.records : [];
  return records
    .filter((record) => record.account === account && ["running", "left-behind"].includes(stateOf(record)))
    .map(({ process }) => process.pid);
};

/** Waits until the agents of an account have ended, at most `maxMs`. The host needs its sudo rule to end them. */
const agentsEnded = async (data: string, account: string): Promise<void> => {
  const until = Date.now() + maxMs;
  while (Date.now() < until && (await agentsOf(data, account)).length > 0) await pause(pollEveryMs);
};
