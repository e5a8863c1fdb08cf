import { realpathSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { hostname } from "node:os";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import { messengerBots, type Succession } from "@gatehouse/data-folder";
import { mcpSecrets } from "@gatehouse/gateway/mcp-secrets";
import { parsePrices } from "@gatehouse/gateway/prices";
import { vendorKeys } from "@gatehouse/gateway/secrets";
import { parseUpstreams } from "@gatehouse/gateway/upstreams";
import type { HostName } from "@gatehouse/intents";
import { parseAllowList } from "@gatehouse/mounts";
import type { UserService } from "@gatehouse/people";
import { endedHosts, laterHost, sayHost, sayHostMs, type HostSuccession } from "@gatehouse/session-rows";
import {
  jsonFilesIn,
  readSettingsKey,
  settingsSharing,
  type SharedFile,
  type ShareOptions,
} from "@gatehouse/shared-settings";
import { coalesced, fail, ok, oneLine, shellWord, type Result } from "@gatehouse/std";
import { explain } from "@nc/user-wizard";
import { parseUsersFile } from "@nc/user-wizard/node";

type StartSharingOptions = Pick<ShareOptions, "dataDir" | "log"> & {
  readonly db: Kysely<CentralTables>;
  readonly owner: HostName;
  readonly succession: Succession;
  /** Null: sealed files are not shared. */
  readonly keyFile: string | null;
  readonly usersFile: string;
  readonly version: string | null;
  /** The name of the runtime of agents. */
  readonly runtime: string;
  readonly report: (error: unknown) => void;
  /** Called once, when the host of another copy of this data folder has taken this one's place on the database. */
  readonly replaced: (why: Failure) => void;
};

/** What follows the files that another host has changed. */
type Followers = {
  readonly users: Pick<UserService, "isApplied" | "reload">;
  /** By the name of a file that is read only when it changes. */
  readonly "upstreams.json": () => Promise<void>;
};

type Sharing = {
  /**
   * Follows the changes of other hosts from now on. Until then users.yaml and the other files are only taken; the followers
   * of those are called at once, since they may have read an older text.
   */
  readonly follow: (followers: Followers) => void;
  readonly close: () => Promise<void>;
};

/** The checks of the files' readers. */
const flaws = {
  "secrets.json": vendorKeys.flaw,
  "mcp-secrets.json": mcpSecrets.flaw,
  "messengers.json": messengerBots.flaw,
  "mounts.json": (text: string) => flawOf(parseAllowList(text)),
  "upstreams.json": (text: string) => flawOf(parseUpstreams(text)),
  "prices.json": (text: string) => flawOf(parsePrices(text)),
};

const flawOf = (read: Result<unknown, string | readonly string[]>): string | null =>
  read.ok ? null : [read.error].flat().join("; ");

/** How often a host looks for settings that it or another host has changed, ms. */
const lookMs = 1_000;

/**
 * Brings the settings of a data folder and those of the other hosts together, and tells the other hosts that this one runs,
 * now and from then on.
 */
export const startSharing = async (options: StartSharingOptions): Promise<Result<Sharing, Failure>> => {
  const { dataDir, db, owner, succession, keyFile, usersFile, version, runtime, log, report } = options;
  const place = `${hostname()}:${realpathSync(dataDir)}`;
  const later = (): Promise<HostSuccession | null> => laterHost(db, { ...succession, place });
  const first = await later();
  if (first !== null) return fail(replacedProblem(dataDir, first));
  const key = keyFile === null ? ok(null) : await readSettingsKey(keyFile);
  if (!key.ok) return fail({ code: "settings-key", message: key.error });
  let followers: Followers | null = null;
  /** The files that were taken before somebody followed them. */
  const missed = new Set<string>();
  const taken = (name: string): void => {
    if (followers === null) missed.add(name);
    else if (name === "users.yaml") void followers.users.reload().catch(report);
    else if (name === "upstreams.json") void followers[name]().catch(report);
  };
  const users: SharedFile = {
    name: "users.yaml",
    path: await realPathOf(usersFile),
    isSealed: true,
    flaw: (text) => {
      const read = parseUsersFile(text, "the text");
      return read.ok ? null : explain(read.error).replaceAll(/\n\s*/g, " ");
    },
    mayBe: async () => {
      // A host that starts reads what the others have before its own.
      if (followers === null) return { shared: false, replaced: true, reason: null };
      const isApplied = await followers.users.isApplied();
      const reason = isApplied ? null : "it was changed here, and not reloaded: ncl users reload";
      return { shared: isApplied, replaced: isApplied, reason };
    },
    taken: () => taken("users.yaml"),
  };
  const { share, states } = settingsSharing({
    db,
    dataDir,
    files: [...jsonFilesIn(dataDir, flaws, taken), users],
    host: owner.name,
    key: key.value,
    log,
    now: () => new Date().toISOString(),
  });
  let isReplaced = false;
  let said = { at: -Infinity, settings: "" };
  /** Says that this host runs, now and then, and what it has of the settings as soon as that changes. */
  const say = async (): Promise<void> => {
    const [at, settings] = [performance.now(), states()];
    const now = { at, settings: JSON.stringify(settings) };
    if (at - said.at < sayHostMs && now.settings === said.settings) return;
    await sayHost(db, { name: owner.name, place, version, runtime, settings });
    said = now;
    const found = isReplaced ? null : await later();
    if (found === null) return;
    isReplaced = true;
    log("host-replaced", { by: found.place, since: found.since });
    options.replaced(replacedProblem(dataDir, found));
  };
  await endedHosts(db, { except: owner.name, prefix: owner.prefix });
  await share();
  await say();
  const { run: look, idle } = coalesced(async () => {
    await share();
    await say();
  }, report);
  const timer = setInterval(() => void look(), lookMs).unref();
  return ok({
    follow: (given) => {
      followers = given;
      for (const name of missed) taken(name);
    },
    close: async () => {
      clearInterval(timer);
      await idle();
      await endedHosts(db, { except: null, prefix: owner.name });
    },
  });
};

const replacedProblem = (dataDir: string, { place, since }: HostSuccession): Failure => ({
  code: "host-replaced",
  message: `The host ${oneLine(place)} took the place of this one at ${since}, and works on this database. Two hosts of one copy would both use its bots and machines.`,
  fix: `leave this one off; or, if that host is gone and this one goes on: gatehouse up --in-place-of --data ${shellWord(dataDir)}`,
});

/** A file behind a link is replaced where it is. */
const realPathOf = (file: string): Promise<string> => realpath(file).catch(() => file);
