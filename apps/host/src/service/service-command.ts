import { existsSync, rmSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { accountOf, noteActOfOwner, runningHost } from "@gatehouse/data-folder";
import { readKeptRuntime } from "@gatehouse/places";
import { closedFolder, dataFolder, replaceFile } from "@gatehouse/fs-kit";
import { keyFileVariable } from "@gatehouse/shared-settings";
import { fail, ok, shellWord, visible, type Environment, type Result } from "@gatehouse/std";
import { serviceName, type Scope, type Service } from "./service.ts";
import { readServiceFile, type ServiceFile } from "./service-file.ts";
import { managerOf, ran, type ServiceManager } from "./service-manager.ts";

/** The flags of `gatehouse service` and its verbs, parsed. */
export type ServiceFlags = {
  readonly data?: string;
  readonly json?: boolean;
  readonly user?: boolean;
  readonly system?: boolean;
  readonly print?: boolean;
};

const uid = process.geteuid?.() ?? 0;

/** The scope of the flags; without one, the machine's for root, else the account's. Fails if both are given. */
export const scopeOf = ({ user = false, system = false }: ServiceFlags): Result<Scope, Failure> => {
  if (user && system) return fail(bothScopes);
  return ok(system || (!user && uid === 0) ? "system" : "user");
};

const bothScopes: Failure = {
  code: "usage",
  message: "--user is a service of this account, --system one of the machine.",
  fix: "give one of them",
};

/** The flags of `gatehouse up` for a service: with absolute paths, and the runtime that they name. */
export type UpWords = { readonly flags: readonly string[]; readonly runtime: string | null };

/** Writes the file of the service, and starts it. Says each command that it ran. Returns the exit code. */
export const installCommand = async (flags: ServiceFlags, up: UpWords, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, flags.data);
  const scope = scopeOf(flags);
  const service = scope.ok ? await serviceOf(dataDir, scope.value, up, io.env) : scope;
  if (!service.ok) return failed(service.error, isJson, io);
  const manager = managerOf({ scope: service.value.scope, env: io.env, uid });
  const text = await manager.textOf(service.value);
  if (flags.print === true) {
    io.stdout.write(text);
    return 0;
  }
  const before = await readServiceFile(manager.path);
  const problem = await installProblem(before, manager, service.value);
  if (problem !== null) return failed(problem, isJson, io);
  const isSame = before.is === "ours" && before.text === text;
  const state = isSame ? "unchanged" : before.is === "ours" ? "updated" : "installed";
  const wasRunning = await runs(manager);
  if (!isSame) {
    await mkdir(dirname(manager.path), { recursive: true });
    await replaceFile(manager.path, text, 0o644);
    if (!isJson) io.stdout.write(`wrote ${visible(manager.path)}\n`);
  }
  await noteActOfOwner(dataDir, { command: "service install", args: { file: manager.path } }, io);
  const commands = manager.startWith(before.is !== "missing");
  const done = await runAll(commands, isJson, io);
  if (!done.ok) return failed(notStarted(done.error, manager), isJson, io);
  const notes = notesOf({ manager, service: service.value, isLate: wasRunning && !isSame }, io.env);
  if (isJson) {
    const { scope: of, flags: used } = service.value;
    printJson(io, {
      ok: true,
      state,
      manager: manager.name,
      scope: of,
      path: manager.path,
      data: dataDir,
      flags: used,
      ran: commands,
      notes,
    });
    return 0;
  }
  io.stdout.write(
    `${state}: ${serviceName} runs the host of ${visible(dataDir)}, now and from each start on.\n`,
  );
  for (const note of notes) io.stdout.write(`${note}\n`);
  return 0;
};

/** Ends the service and removes its file, if we wrote it. Returns the exit code. */
export const removeCommand = async (flags: ServiceFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const scope = scopeOf(flags);
  if (!scope.ok) return failed(scope.error, isJson, io);
  const manager = managerOf({ scope: scope.value, env: io.env, uid });
  const before = await readServiceFile(manager.path);
  const isThere = before.is !== "missing";
  const problem = isThere ? (ownProblem(before, manager, scope.value) ?? (await manager.problem())) : null;
  if (problem !== null) return failed(problem, isJson, io);
  const { before: end, after } = manager.endWith;
  const commands = isThere ? [end, ...(after === null ? [] : [after])] : [];
  for (const command of commands) {
    const done = await runAll([command], isJson, io);
    if (!done.ok) return failed(notEnded(done.error, manager), isJson, io);
    if (command === end) rmSync(manager.path, { force: true });
  }
  if (isJson)
    printJson(io, {
      ok: true,
      state: isThere ? "removed" : "not-installed",
      manager: manager.name,
      scope: scope.value,
      path: manager.path,
      ran: commands,
    });
  else
    io.stdout.write(
      isThere ? `removed ${visible(manager.path)}\n` : `There is no service at ${visible(manager.path)}.\n`,
    );
  return 0;
};

const failed = (failure: Failure, isJson: boolean, io: Io): number => {
  printFailure(io, isJson, failure);
  return failure.code === "usage" ? 2 : 1;
};

/** The service of a data folder, started by the program that runs now. */
const serviceOf = async (
  dataDir: string,
  scope: Scope,
  { flags, runtime }: UpWords,
  env: Environment,
): Promise<Result<Service, Failure>> => {
  const closed = closedFolder(dataDir, noFolder(dataDir));
  if (closed !== null) return fail(closed);
  const kept = await readKeptRuntime(dataDir);
  if (!kept.ok) return kept;
  const named = runtime === null || runtime === "auto" ? kept.value?.name : runtime;
  const words = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  const environment = environmentOf(env);
  // A control character would end the line; no path of a host needs one.
  const odd = [...words, dataDir, ...flags, ...Object.values(environment)].find((word) =>
    /\p{Cc}/u.test(word),
  );
  if (odd !== undefined) return fail(oddWord(odd));
  const { uid: owner } = await stat(dataDir);
  return ok({
    scope,
    account: (await ran(["id", "-nu", String(owner)], env)).output.trim() || String(owner),
    dataDir,
    words,
    flags,
    environment,
    runtime: named ?? "auto",
  });
};

/** Variables that a host reads. A manager starts it without those of a shell. */
const passedOn: readonly string[] = [
  ...[
    "PATH",
    "GATEHOUSE_DATABASE",
    keyFileVariable,
    "GATEHOUSE_OCI_RUNTIME",
    "DOCKER_HOST",
    "CONTAINER_HOST",
  ],
  ...["KUBECONFIG", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"],
];

/** True for an address with a password: every account of the machine may read the variables of a unit. */
const hasPassword = (value: string): boolean =>
  /^[a-z+]+:\/\/[^/@\s]*:[^/@\s]*@/i.test(value) || /[?&]password=/i.test(value);

const environmentOf = (env: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = env[name] ?? "";
      return value === "" || hasPassword(value) ? [] : [[name, value] as const];
    }),
  );

/** Why the file may not be written now. */
const installProblem = async (
  before: ServiceFile,
  manager: ServiceManager,
  { scope, dataDir }: Service,
): Promise<Failure | null> => {
  const own = ownProblem(before, manager, scope) ?? (await manager.problem());
  if (own !== null || before.is !== "missing") return own;
  const host = await runningHost(dataDir);
  return host === null ? null : alreadyRuns(host.pid, dataDir);
};

/** Why the file is not ours to write or remove. */
const ownProblem = (before: ServiceFile, { path, endWith }: ServiceManager, scope: Scope): Failure | null => {
  if (scope === "system" && uid !== 0) return needsRoot;
  if (before.is === "foreign")
    return {
      code: "service-not-ours",
      message: `${path} was not written by gatehouse service install.`,
      fix: `to have ours in its place: ${endWith.before.join(" ")}; then move the file away`,
    };
  if (before.is === "changed")
    return {
      code: "service-changed",
      message: `${path} was changed after gatehouse service install wrote it.`,
      fix: `gatehouse service install --print | diff ${shellWord(path)} -, with the flags of the service, shows the changes; keep them in a drop-in, by systemctl edit, and move the file away`,
    };
  return null;
};

const runs = async (manager: ServiceManager): Promise<boolean> => {
  const state = await manager.state();
  return state.ok && state.value.pid !== null;
};

/** Runs commands until one fails. Says each. */
const runAll = async (
  commands: readonly (readonly string[])[],
  isJson: boolean,
  io: Io,
): Promise<Result<null, string>> => {
  for (const command of commands) {
    const shown = command.map(shellWord).join(" ");
    const { isOk, output } = await ran(command, io.env);
    if (!isOk) return fail(`${shown}: ${output}`);
    if (!isJson) io.stdout.write(`ran ${shown}\n`);
  }
  return ok(null);
};

type Installed = { readonly manager: ServiceManager; readonly service: Service; readonly isLate: boolean };

/** What a person does next, a sentence each. */
const notesOf = ({ manager, service, isLate }: Installed, env: Environment): readonly string[] => {
  const secret = passedOn.filter((name) => hasPassword(env[name] ?? ""));
  const name = accountOf();
  const lingers = service.scope === "system" || existsSync(`/var/lib/systemd/linger/${name}`);
  return [
    ...(isLate ? [`It runs as before until: ${manager.restartWith.join(" ")}`] : []),
    ...(manager.name === "systemd" && !lingers
      ? [
          `It ends when ${name} signs out, and starts at the next sign-in. To start it at boot: loginctl enable-linger`,
        ]
      : []),
    ...secret.map(
      (each) =>
        `${each} has a password, and is not in the file. docs/host/operate.md says how the host gets it.`,
    ),
    ...(manager.name === "launchd"
      ? ["Gatehouse was never tried with launchd: look whether the host runs, with gatehouse status."]
      : []),
  ];
};

const noFolder = (dataDir: string): Failure => ({
  code: "no-data-folder",
  message: `There is no data folder at ${dataDir}.`,
  fix: "name the data folder of a host with --data, or make one with gatehouse init",
});

const oddWord = (word: string): Failure => ({
  code: "usage",
  message: `A service takes no word with a control character: ${visible(word)}`,
  fix: "use a path without it",
});

const needsRoot: Failure = {
  code: "needs-root",
  message: "Only root changes the services of the machine.",
  fix: "run it with sudo, and name the data folder with --data; or leave --system out, for a service of your account",
};

const alreadyRuns = (pid: number | null, dataDir: string): Failure => ({
  code: "host-running",
  message: `A host of ${dataDir} runs already${pid === null ? "" : ` (pid ${pid})`}, and its service would not start.`,
  fix: `gatehouse down --data ${shellWord(dataDir)}, then this again`,
});

const notStarted = (detail: string, { path, logsWith, endWith }: ServiceManager): Failure => ({
  code: "service-not-started",
  message: `The service was written to ${path}, and does not start (${detail}).`,
  fix: `${logsWith.join(" ")} shows why; ${endWith.before.join(" ")} ends its restarts`,
});

const notEnded = (detail: string, { path }: ServiceManager): Failure => ({
  code: "service-not-removed",
  message: `The service at ${path} could not be removed (${detail}).`,
  fix: "mend what it says, then this again",
});
