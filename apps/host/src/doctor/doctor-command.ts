import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  renderDoctor,
  diagnose,
  type DoctorCheck,
  type DoctorFlags,
  type DoctorWarning,
} from "@gatehouse/trust-cli";
import { dataFolder, diskSpace, lowDiskFix, spaceText } from "@gatehouse/fs-kit";
import type { CentralPlace } from "@gatehouse/central-database";
import type { PostgresAddress } from "@gatehouse/postgres";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import type { RuntimeFlags } from "@gatehouse/places";
import type { ContainersCheck } from "@gatehouse/places/doctor";
import type { Upstreams } from "@gatehouse/gateway/options";
import { programBeside } from "../programs-beside.ts";
import { versionMismatches, versionText, type Versions } from "../status/versions.ts";

/** The flags of `gatehouse doctor`, parsed; `upstream` as for `gatehouse up`. */
type HostDoctorFlags = DoctorFlags &
  DatabaseFlags &
  RuntimeFlags & { readonly upstream?: Partial<Upstreams> };

/**
 * Checks the CLI of `gatehouse run` by the same preflight, a database on a server, the agents of a running host, and the
 * needs of their providers: a key, the vendor's answer, and a CLI or a container. Prints the report. Returns the exit code: 1
 * if a check fails.
 */
export const doctorCommand = async (flags: HostDoctorFlags, version: string, io: Io): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const { checkContainers } = await import("@gatehouse/places/doctor");
  const containers = await checkContainers(flags, io.env, {
    version,
    dataDir: dataFolder(io.env, flags.data),
  });
  const hasContainers = containers?.hasImage === true;
  const more = [
    ...(chosen.database === null ? await sqliteCheck() : [await databaseCheck(chosen.database)]),
    ...(await shapeCheck({ dataDir: dataFolder(io.env, flags.data), ...chosen })),
    ...(await diskCheck(dataFolder(io.env, flags.data))),
    ...(await logCheck({ dataDir: dataFolder(io.env, flags.data), ...chosen })),
    ...(await backupCheck(dataFolder(io.env, flags.data))),
    ...(await agentsCheck(dataFolder(io.env, flags.data))),
    ...(await groupChecks({ dataDir: dataFolder(io.env, flags.data), ...chosen })),
    ...(await channelChecks({ dataDir: dataFolder(io.env, flags.data), ...chosen })),
    ...(containers === null ? [] : [checkOf(containers)]),
    ...(await providerChecks({ dataDir: dataFolder(io.env, flags.data), ...chosen }, io, {
      upstreams: flags.upstream ?? {},
      hasContainers,
    })),
  ];
  const warnings = containers?.isUnlimited === true ? [unlimitedReach] : [];
  const { providersInUse } = await import("@gatehouse/gateway-commands/checks");
  const inUse = await providersInUse({ dataDir: dataFolder(io.env, flags.data), ...chosen });
  // In a container agents have the CLIs of its image. Without a group the folder is for `gatehouse run`.
  const needsClaude = !hasContainers && (inUse?.has("claude") ?? true);
  const report = await diagnose(flags, io.env, { more, warnings, needsClaude });
  const image = containers?.imageVersion ?? null;
  const versions = await versionsHere(dataFolder(io.env, flags.data), version, image);
  if (flags.json) printJson(io, { ...report, versions });
  else io.stdout.write(`${versionLines(versions)}${renderDoctor(report, paintFor(io), flags.all)}`);
  return report.ok ? 0 : 1;
};

const unlimitedReach: DoctorWarning = {
  name: "reach",
  message:
    "What agents reach is not limited here: a Pod whose network is the gateway alone reached the cluster's API.",
  fix: "use a network that enforces NetworkPolicies (Calico, Cilium), with the policies of docs/kubernetes.md",
};

/** Names each group whose stored configuration a start refuses. Returns no check without one. */
const groupChecks = async (place: CentralPlace): Promise<readonly DoctorCheck[]> => {
  const [{ readCentral }, { keptLacks }, { refusedConfigs }] = await Promise.all([
    import("@gatehouse/central-database"),
    import("@gatehouse/places"),
    import("@gatehouse/workloads"),
  ]);
  const cannot = await keptLacks(place.dataDir);
  const read = await readCentral(place, (db) => refusedConfigs(db, place.dataDir, cannot));
  const refused = read.ok ? (read.value ?? []) : [];
  return refused.map((each) => ({ name: "groups", ok: false, ...each }) as const);
};

/** Checks the bots of messengers. Returns no checks without a bot. */
const channelChecks = async (place: CentralPlace): Promise<readonly DoctorCheck[]> => {
  const { checkBots } = await import("@gatehouse/messengers/doctor");
  return (await checkBots(place)).map((check) => ({ name: "channel", ...check }) as const);
};

const checkOf = ({ name, ok, message, fix }: ContainersCheck): DoctorCheck => ({
  name,
  ok,
  message,
  ...(fix === undefined ? {} : { fix }),
});

/** Checks the needs of the providers of the host's agents. Returns no checks if no provider needs anything. */
const providerChecks = async (
  place: CentralPlace,
  io: Io,
  { upstreams, hasContainers }: { readonly upstreams: Partial<Upstreams>; readonly hasContainers: boolean },
): Promise<readonly DoctorCheck[]> => {
  const { checkClis, checkKeys, checkModels } = await import("@gatehouse/gateway-commands/checks");
  const { readUpstreams } = await import("@gatehouse/gateway/upstreams");
  const kept = await readUpstreams(place.dataDir);
  const runner = programBeside("agent-runner");
  const checks = [
    { name: "keys", check: await checkKeys(place) },
    {
      name: "models",
      check: kept.ok ? await checkModels(place, { ...kept.value, ...upstreams }) : failedBy(kept.error),
    },
  ] as const;
  // Agents in containers have the CLIs of their image.
  const clis = hasContainers ? [] : await checkClis(place, { env: io.env, runner });
  return [
    ...checks.flatMap(({ name, check }) => (check === null ? [] : [{ name, ...check }])),
    ...clis.map((check) => ({ name: "agent-cli", ...check }) as const),
  ];
};

const failedBy = ({ message, fix }: { readonly message: string; readonly fix: string }) => ({
  ok: false,
  message,
  fix,
});

/** The builds of the program, the running host and the agents' image. */
const versionsHere = async (dataDir: string, program: string, image: string | null): Promise<Versions> => {
  const { runningHost } = await import("@gatehouse/data-folder");
  return { program, image, host: (await runningHost(dataDir))?.version ?? null };
};

/** Above the checks: different builds work together, so that none of them fails. */
const versionLines = (versions: Versions): string =>
  [
    `     version    ${visible(versionText(versions))}\n`,
    // The check of containers tells about the image.
    ...versionMismatches({ ...versions, image: null }, null).map(
      (text) => `     upgrade    ${visible(text)}\n`,
    ),
  ].join("");

/** Checks the agents of a running host. Returns no checks if no host runs. */
const agentsCheck = async (dataDir: string): Promise<readonly DoctorCheck[]> => {
  const state = existsSync(join(dataDir, "agents.json")) ? await stateOfHost(dataDir) : null;
  return state === null ? [] : [{ name: "agents", ...state }];
};

const stateOfHost = async (dataDir: string) => {
  const { checkAgents, readWireState } = await import("@gatehouse/wire");
  const { runningHost } = await import("@gatehouse/data-folder");
  const state = (await runningHost(dataDir)) === null ? null : await readWireState(dataDir);
  return state === null ? null : checkAgents(state, Date.now());
};

/** Checks the disk of the data folder. Returns no check if there is no such folder. */
const diskCheck = async (dataDir: string): Promise<readonly DoctorCheck[]> => {
  if (!existsSync(dataDir)) return [];
  const space = await diskSpace(dataDir);
  const message = `${space.isLow ? "the disk of the data folder is nearly full: " : ""}${spaceText(space)}`;
  return [{ name: "disk", ok: !space.isLow, message, ...(space.isLow ? { fix: lowDiskFix } : {}) }];
};

/** Checks that nothing but a host wrote the log of decisions. Returns no check if there is no log that can be read. */
const logCheck = async (place: CentralPlace): Promise<readonly DoctorCheck[]> => {
  const [{ readCentral }, { verifyLog }] = await Promise.all([
    import("@gatehouse/central-database"),
    import("@gatehouse/command-context"),
  ]);
  const now = new Date().toISOString();
  const read = await readCentral(place, (db) => verifyLog(db, place.dataDir, now));
  if (!read.ok || read.value === null) return [];
  if (!read.value.ok) return [{ name: "log", ok: false, ...read.value.error }];
  const { decisions, approvals } = read.value.value;
  const message = `${decisions} decisions and ${approvals} answered approvals are as the host wrote them`;
  return [{ name: "log", ok: true, message }];
};

/** Checks the backups of a schedule. Returns no check without a schedule. */
const backupCheck = async (dataDir: string): Promise<readonly DoctorCheck[]> => {
  const { scheduleState, scheduleText } = await import("@gatehouse/backup");
  const state = await scheduleState(dataDir, Date.now());
  if (!state.ok) return [{ name: "backup", ok: false, ...state.error }];
  if (state.value === null) return [];
  const { failure } = state.value;
  if (failure === null) return [{ name: "backup", ok: true, message: scheduleText(state.value) }];
  const fix = failure.fix ?? "gatehouse backup FILE";
  return [
    { name: "backup", ok: false, message: `backups fail since ${failure.since}: ${failure.message}`, fix },
  ];
};

/** Checks that SQLite runs here. Returns no check if it does. */
const sqliteCheck = async (): Promise<readonly DoctorCheck[]> => {
  const { loadSqlite } = await import("@gatehouse/sqlite");
  const loaded = await loadSqlite();
  if (loaded.ok) return [];
  const { detail, fix } = loaded.error;
  return [{ name: "database", ok: false, message: `${detail}.`, fix }];
};

/** Checks that the database has all tables, columns and indexes. Returns no check if it has, and without a database. */
const shapeCheck = async (place: CentralPlace): Promise<readonly DoctorCheck[]> => {
  const { checkShape } = await import("@gatehouse/central-database");
  const problem = await checkShape(place);
  if (problem === null) return [];
  const { message, fix = "" } = problem;
  return [{ name: "database", ok: false, message, fix }];
};

const databaseCheck = async (address: PostgresAddress): Promise<DoctorCheck> => {
  const { checkServer } = await import("@gatehouse/central-database");
  return { name: "database", ...(await checkServer(address)) };
};
