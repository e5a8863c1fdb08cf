// node tools/scripts/release-fixture.mjs VERSION: keeps what the programs of this commit write, as the fixture of a release: a data
// folder with each file and with rows in each table, and its database as a dump of PostgreSQL (GATEHOUSE_TEST_POSTGRES names a
// server). Later versions are tried on it by apps/host/src/kept/kept.test.ts.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { whileRunning } from "./packed/run.mjs";
import { root } from "./setup.mjs";

const [version] = process.argv.slice(2);
const server = process.env.GATEHOUSE_TEST_POSTGRES;
if (version === undefined || server === undefined)
  throw new Error("Usage: GATEHOUSE_TEST_POSTGRES=ADDRESS npm run release:fixture -- VERSION");

const into = join(root, "apps/host/src/kept", version);
const folder = mkdtempSync(join(tmpdir(), "gatehouse-fixture-"));
const data = join(folder, "data");
const env = {
  HOME: folder,
  DISABLE_AUTOUPDATER: "1",
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  GATEHOUSE_DATA: data,
};
const schema = "gatehouse_fixture";
const people = "users:\n  - telegram_id: 7\n    name: Bo\n    role: user\n";
/** What belongs to a process that runs, or is made anew at each start. */
const left = [
  "*.sock",
  "host.pid",
  "host.lock",
  "host.log",
  "disk-reserve",
  "agents.json",
  "processes",
  "agent-programs",
  "cli",
];
try {
  if (git("status", "--porcelain") !== "")
    throw new Error("Commit your changes first: the fixture names its commit.");
  run(process.execPath, [join(root, "tools/scripts/start.mjs")]);
  gatehouse("init --name Home --folder home --owner local:ana --provider echo");
  writeFileSync(join(data, "users.yaml"), people, { mode: 0o600 });
  gatehouse("secrets set anthropic", "key-of-the-fixture\n");
  gatehouse("secrets set RSS_TOKEN --group home", "secret-of-the-fixture\n");
  gatehouse(
    "prices set claude-opus-4-5 --input 5 --output 25 --cache-read 0.5 --cache-write 6 --currency USD",
  );
  for (const name of ["mounted", "copies"]) mkdirSync(join(folder, name));
  gatehouse(`mounts allow ${join(folder, "mounted")}`);
  // A real Claude Code: its consent, and a launch that ends since the account is not signed in.
  mkdirSync(join(folder, "shop"));
  const claude = `${join(folder, "shop")} --timeout 20`;
  for (const line of [`run ${claude} --install-cli --yes`, `launch --agents 1 ${claude}`])
    gatehouse(line, "", 3);
  gatehouse(`backup --every 1d --keep 3 --to ${join(folder, "copies")}`);
  const up = [
    bin("host", "gatehouse.js"),
    "up",
    "--runtime",
    "process",
    "--upstream",
    "anthropic=http://127.0.0.1:9",
  ];
  await whileRunning(process.execPath, up, { cwd: folder, env, until: "ready " }, () => {
    for (const text of ["remember the red door", "and the blue one"])
      gatehouse("chat --group home", `${text}\n`);
    ncl("groups create --name Office --folder office");
    ncl("members add --group office --user local:ana");
  });
  // After the host, which would ask the platform for messages.
  const bot = { type: "telegram", bot: "", username: "gate_bot", token: "42:token-of-the-fixture" };
  writeFileSync(join(data, "messengers.json"), JSON.stringify({ v: 1, secrets: [bot] }), { mode: 0o600 });
  const source = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx")];
  const filled = fileURLToPath(
    import.meta.resolve("../../internal/host/central-database/src/fill-empty.fixture.ts"),
  );
  run(process.execPath, [...source, filled, data]);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  run("psql", [
    server,
    "--quiet",
    "--command",
    `drop schema if exists ${schema} cascade; create schema ${schema}`,
  ]);
  gatehouse(`database copy --database ${server}&options=-c%20search_path%3D${schema}`);
  const dump = run("pg_dump", ["--inserts", "--no-owner", "--no-privileges", `--schema=${schema}`, server]);
  writeFileSync(join(into, "postgresql.sql.gz"), gzipSync(dump, { level: 9 }));
  run("psql", [server, "--quiet", "--command", `drop schema ${schema} cascade`]);
  const tar = [
    "--create",
    "--gzip",
    "--numeric-owner",
    "--owner=0",
    "--group=0",
    ...left.map((name) => `--exclude=${name}`),
  ];
  run("tar", [...tar, "--file", join(into, "data.tar.gz"), "--directory", folder, "data"]);
  const made = { version, commit: git("rev-parse", "HEAD").trim(), tables: rowsOf(dump) };
  writeFileSync(join(into, "made.json"), `${JSON.stringify(made, null, 2)}\n`);
  console.log(`Kept in ${into}. Commit it.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program, args, input = "", expected = 0) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    input,
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  if (status === expected) return stdout;
  throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
}

/** The number of rows of each table in a dump. Throws if a table has none. */
function rowsOf(dump) {
  const tables = Object.fromEntries(
    [...dump.matchAll(/^CREATE TABLE \w+\.(\w+) /gmu)].map(([, table]) => [table, 0]),
  );
  for (const [, table] of dump.matchAll(/^INSERT INTO \w+\.(\w+) /gmu)) tables[table] += 1;
  const empty = Object.keys(tables).filter((table) => tables[table] === 0);
  if (empty.length > 0) throw new Error(`No row is in ${empty.join(", ")}.`);
  return tables;
}

function git(...args) {
  return run("git", args);
}

function bin(app, name) {
  return join(root, "apps", app, "bin", name);
}

function gatehouse(line, input, expected) {
  return run(process.execPath, [bin("host", "gatehouse.js"), ...line.split(" ")], input, expected);
}

function ncl(line) {
  return run(process.execPath, [bin("ncl", "ncl.cjs"), ...line.split(" ")]);
}
