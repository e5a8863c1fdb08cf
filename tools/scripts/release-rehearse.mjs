// node tools/scripts/release-rehearse.mjs: cuts the next release of HEAD in a clone, publishes it by the workflow's own scripts
// to a registry on loopback (verdaccio), then installs and uses it from there as an account without a clone. Then it publishes a
// later version with one migration, and that account upgrades a host to it, goes back, upgrades again and restores its backup.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root, pnpm } from "./setup.mjs";
import { whileRunning } from "./packed/run.mjs";

/** The newest that runs on Node 20. Its `node-fetch@cjs` names a tag of npm that not every mirror has. */
const registryProgram = { dependencies: { verdaccio: "6.6.2" }, overrides: { "node-fetch": "2.7.0" } };
const programs = ["@gatehouse/host", "@gatehouse/workspace-trust", "@gatehouse/orchestrator-adapter"];

/**
 * By library: what to install, an example, its arguments, and what it prints for an account without an agent's CLI. The other
 * examples are compiled by pack-check. All run beside the folders and the file of `project`.
 */
const examples = [
  { install: ["@trust/claude-state-probe"], file: "is-it-trusted.ts", args: ["."], prints: "untrusted" },
  { install: ["@trust/dialog-engine"], file: "try-a-pack.ts", args: [], prints: "option: 'Trust it'" },
  {
    install: ["@trust/codex-overrides"],
    file: "through-settings.ts",
    args: [],
    prints: 'trust_level="trusted"',
  },
  { install: ["@trust/team-launch"], file: "plan-a-team.ts", args: ["team.yaml"], prints: "ana bo" },
  { install: ["@nc/cli-scope"], file: "notes.ts", args: [], prints: "notes list: deny by foreign-group" },
  { install: ["@nc/container-config", "kysely"], file: "configure-a-group.ts", args: [], prints: "written" },
  {
    install: ["@nc/container-runtime"],
    file: "start-and-adopt.ts",
    args: ["host"],
    prints: "stays runs on: true",
  },
  {
    install: ["@nc/user-wizard"],
    file: "add-a-user.ts",
    args: ["host", "telegram_id=7", "name=Ada", "os_user=daemon"],
    prints: "Ada",
  },
];

/** Folders and a file of each project. */
const project = {
  folders: ["groups", "groups/notes", "host", "shop"],
  team: "name: shop\nlead: { name: ana, provider: claude, folder: shop }\nmembers:\n  - { name: bo, provider: codex, folder: shop }\n",
};

/** What the later version changes: a migration, and the sentence for its changelog. */
const laterChange = {
  files: {
    "internal/host/central-database/src/migrations/rehearsal.ts":
      'import type { Migration } from "kysely";\nexport const rehearsal: Migration = { up: async (db) => { await db.schema.createTable("rehearsal").addColumn("text", "text").execute(); } };\n',
    ".changeset/rehearsal.md": '---\n"@gatehouse/host": minor\n---\n\nA table for the rehearsal.\n',
  },
  migrations: "internal/host/central-database/src/migrations/index.ts",
  name: "900-rehearsal",
};

const folder = mkdtempSync(join(tmpdir(), "gatehouse-rehearsal-"));
chmodSync(folder, 0o755);
const clone = join(folder, "clone");
const upstream = process.env.npm_config_registry || "https://registry.npmjs.org/";
/** What is ended with the rehearsal. */
const children = [];
try {
  step("a clone of HEAD");
  run("git", ["clone", "--quiet", root, clone], folder);
  run(pnpm[0], [...pnpm.slice(1), "install", "--frozen-lockfile"], clone);
  step("versions, changelogs and install lines");
  run(process.execPath, ["tools/scripts/release-version.mjs", "--npm"], clone);
  const version = cut();
  step(`the tarballs of ${version}, each tried alone`);
  run("npm", ["run", "pack:check", "--", "--this-node", "--keep", "release"], clone);
  const registry = await startRegistry();
  publish("release", registry);
  const account = await useIt(registry, version);
  const later = cutLater();
  step(`the tarballs of ${later}, which has one migration more`);
  const pack = [
    'import { mkdirSync } from "node:fs";',
    'import { resolve } from "node:path";',
    'import { setUpOrExit } from "./tools/scripts/setup.mjs";',
    'import { packAll, publishedFolders } from "./tools/scripts/packed/install.mjs";',
    "await setUpOrExit();",
    'mkdirSync("later");',
    'packAll(publishedFolders(), resolve("later"));',
  ].join("\n");
  run(process.execPath, ["--input-type=module", "--eval", pack], clone);
  publish("later", registry);
  rmSync(clone, { recursive: true });
  await passAYear(account, version, later);
  console.log(
    `ok: ${version} was published, installed, used, and upgraded to ${later}, on this machine alone. Nothing of it is left.`,
  );
} finally {
  for (const child of children) child.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}

/** Cuts the release that waits in the clone. Returns its version. */
function cut() {
  run(process.execPath, ["tools/scripts/release-version.mjs"], clone);
  const { version } = JSON.parse(readFileSync(join(clone, "apps/host/package.json"), "utf8"));
  run(process.execPath, ["tools/scripts/release-check.mjs", `v${version}`], clone);
  const commit = ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost"];
  run("git", ["add", "--all"], clone);
  run("git", [...commit, "commit", "--quiet", "--message", `Version ${version}`], clone);
  return version;
}

/** Makes the later version in the clone. Returns its number. */
function cutLater() {
  for (const [file, text] of Object.entries(laterChange.files)) writeFileSync(join(clone, file), text);
  const file = join(clone, laterChange.migrations);
  const text = readFileSync(file, "utf8");
  const changed = text.replace(
    /(migrations: Migrations = \{[^}]*?),?(\s*\})/u,
    `$1, "${laterChange.name}": rehearsal$2`,
  );
  if (changed === text) throw new Error(`${laterChange.migrations} has no list of migrations.`);
  writeFileSync(file, `import { rehearsal } from "./rehearsal.ts";\n${changed}`);
  return cut();
}

function publish(tarballs, registry) {
  step(`published to ${registry}`);
  run(process.execPath, ["tools/scripts/publish.mjs", tarballs, "--provenance=false"], clone, {
    npm_config_registry: registry,
    NPM_TOKEN: "rehearsal",
  });
}

function step(text) {
  console.log(`- ${text}`);
}

function run(program, args, cwd, env = {}, as = {}) {
  const options = {
    cwd,
    env: { ...process.env, npm_config_loglevel: "error", ...env },
    encoding: "utf8",
    ...as,
  };
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  if (status === 0) return `${stdout}${stderr}`;
  throw new Error(
    `${program} ${args.join(" ")} ended with ${status}:\n${error?.message ?? ""}${stdout}${stderr}`,
  );
}

/** Starts the registry. Our names are there only, all others come from the registry of this machine. */
async function startRegistry() {
  const home = join(folder, "registry");
  mkdirSync(home);
  const port = await freePort();
  const ours = ["@gatehouse/*", "@trust/*", "@nc/*"].map(
    (name) => `  "${name}": { access: $all, publish: $all }`,
  );
  const config = [
    `storage: ${join(home, "storage")}`,
    `uplinks: { npm: { url: "${upstream}" } }`,
    "packages:",
    ...ours,
    '  "**": { access: $all, proxy: npm }',
    "max_body_size: 100mb",
    "log: { type: stdout, level: error }",
    "",
  ];
  writeFileSync(join(home, "config.yaml"), config.join("\n"));
  writeFileSync(join(home, "package.json"), JSON.stringify({ private: true, ...registryProgram }));
  run("npm", ["install", "--no-audit", "--no-fund"], home);
  const program = [join(home, "node_modules/verdaccio/bin/verdaccio"), "--config", join(home, "config.yaml")];
  const command = [...program, "--listen", `127.0.0.1:${port}`];
  children.push(spawn(process.execPath, command, { cwd: home, stdio: "inherit" }));
  const address = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 600; tries += 1) {
    if (
      await fetch(`${address}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      )
    ) {
      return address;
    }
    await sleep(200);
  }
  throw new Error("The registry did not start within two minutes.");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * As root, all of it runs as the account nobody; else as this account, in a HOME of its own. Returns that account: its HOME and its
 * options of a child.
 */
async function useIt(registry, version) {
  const home = join(folder, "home");
  const nobody = process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const mine = (path) => {
    mkdirSync(path, { mode: 0o755 });
    if (nobody.uid !== undefined) chownSync(path, nobody.uid, nobody.gid);
  };
  for (const path of [home, join(home, "repo")]) mine(path);
  const bin = join(home, ".npm-global/bin");
  const env = {
    PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
    HOME: home,
    TMPDIR: join(home),
    npm_config_registry: registry,
    npm_config_prefix: join(home, ".npm-global"),
    npm_config_cache: join(home, ".npm"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    DISABLE_AUTOUPDATER: "1",
  };
  const as = { ...nobody, env };
  const call = (program, ...args) => run(program, args, home, {}, as);
  step(`npm install --global ${programs.join(" ")}`);
  call("npm", "install", "--global", ...programs);
  for (const program of ["gatehouse", "ncl", "workspace-trust", "orchestrator-adapter"])
    expect(call(program, "--version"), version, `${program} --version`);
  step("gatehouse demo, init, up, chat and ncl");
  expect(call("gatehouse", "demo"), "Demo: still there?", "gatehouse demo");
  call(
    "gatehouse",
    "init",
    "--name",
    "Home",
    "--folder",
    "home",
    "--owner",
    "local:ana",
    "--provider",
    "echo",
  );
  const options = { cwd: home, ...as, until: "ready " };
  await whileRunning("gatehouse", ["up", "--yes", "--runtime", "process"], options, () => {
    expect(call("ncl", "groups", "list"), "Home", "ncl groups list");
    const said = run("gatehouse", ["chat", "--group", "home"], home, {}, { ...as, input: "hello\n" });
    expect(said, "hello", "gatehouse chat");
  });
  step("a real Claude Code, fetched and trusted: gatehouse demo --provider claude --install-cli");
  expect(call("gatehouse", "demo", "--provider", "claude", "--install-cli"), "Demo:", "gatehouse demo");
  for (const { install, file, args, prints } of examples) {
    const [name] = install;
    step(`${name}: ${file}`);
    const cwd = join(home, name.split("/")[1]);
    for (const path of ["", ...project.folders]) mine(join(cwd, path));
    const inProject = (program, ...words) => run(program, words, cwd, {}, as);
    inProject("npm", "init", "--yes");
    inProject("npm", "install", ...install, "tsx");
    // A file below node_modules is not compiled.
    copyFileSync(join(cwd, "node_modules", name, "examples", file), join(cwd, "example.mts"));
    writeFileSync(join(cwd, "team.yaml"), project.team);
    expect(inProject("npx", "tsx", "example.mts", ...args), prints, `examples/${file} of ${name}`);
  }
  step(`installed: ${readdirSync(join(home, ".npm-global/lib/node_modules")).join(", ")}`);
  return { home, as };
}

/** A host of one version is upgraded to the later one while an agent works, goes back, is upgraded again, and is restored. */
async function passAYear({ home, as: { env, ...ids } }, version, later) {
  const as = { ...ids, env: { ...env, GATEHOUSE_DATA: join(home, "year") } };
  const gatehouse = (line, input = "") => run("gatehouse", line.split(" "), home, {}, { ...as, input });
  const install = (wanted) => run("npm", ["install", "--global", `@gatehouse/host@${wanted}`], home, {}, as);
  const say = (text) => expect(gatehouse("chat --group home", `${text}\n`), text, "gatehouse chat");
  const up = (...more) => startHost(["up", "--yes", "--runtime", "process", ...more], { cwd: home, ...as });
  const heard = (what, wanted) => {
    const history = gatehouse("history --group home");
    for (const [text, count] of Object.entries(wanted))
      if (history.split(text).length - 1 !== count)
        throw new Error(`${what}: "${text}" should be there ${count} times:\n${history}`);
  };
  step(`a year: a host of ${version}, its conversation and its backup`);
  install(version);
  gatehouse("init --name Home --folder home --owner local:ana --provider echo");
  const first = await up();
  say("the first spring");
  gatehouse(`backup ${join(home, "spring.tar")}`);
  step(`${later} is installed under it, checked, and takes over in the middle of a turn`);
  install(later);
  expect(gatehouse("upgrade --check"), laterChange.name, "gatehouse upgrade --check");
  const slow = spawn("gatehouse", ["chat", "--group", "home"], {
    cwd: home,
    ...as,
    stdio: ["pipe", "ignore", "inherit"],
  });
  slow.stdin.end("/slow 5000\n");
  const answered = once(slow, "close");
  await untilSaid(() => gatehouse("history --group home"), "/slow 5000");
  const second = await up("--take-over");
  await first.ended;
  await answered;
  say("the second spring");
  heard("after the take-over", { "the first spring": 2, "/slow 5000": 2, "the second spring": 2 });
  gatehouse("down");
  await second.ended;
  step("the way back");
  expect(gatehouse("upgrade --undo --yes"), "in place of schema 900", "gatehouse upgrade --undo");
  install(version);
  const third = await up();
  heard("after the way back", { "the first spring": 2, "the second spring": 0 });
  say("the third spring");
  gatehouse("down");
  await third.ended;
  step(`${later} again, and the backup beside it`);
  install(later);
  const fourth = await up();
  say("the fourth spring");
  heard("after the second upgrade", { "the first spring": 2, "the third spring": 2, "the fourth spring": 2 });
  gatehouse("down");
  await fourth.ended;
  const beside = join(home, "beside");
  gatehouse(`restore ${join(home, "spring.tar")} --beside --data ${beside}`);
  as.env.GATEHOUSE_DATA = beside;
  const fifth = await up();
  heard("the backup", { "the first spring": 2, "the third spring": 0 });
  say("the fifth spring");
  gatehouse("down");
  await fifth.ended;
}

/** Starts a host. Resolves once it is ready; throws with all its output if it ends before. */
async function startHost(args, options) {
  const child = spawn("gatehouse", args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const ended = once(child, "close");
  const isReady = new Promise((resolve) =>
    child.stdout.on("data", () => (said.includes("ready ") ? resolve(true) : undefined)),
  );
  if (!(await Promise.race([isReady, ended.then(() => false)])))
    throw new Error(`gatehouse up ended:\n${said}`);
  return { ended };
}

async function untilSaid(look, wanted) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (look().includes(wanted)) return;
    await sleep(100);
  }
  throw new Error(`${wanted} was not seen within ten seconds.`);
}

function expect(output, wanted, what) {
  if (!output.includes(wanted))
    throw new Error(`${what} should have ${JSON.stringify(wanted)} in it:\n${output}`);
}
