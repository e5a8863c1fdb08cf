import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, onTestFinished, test } from "vitest";

/** The pages for operators: each line of a command block is run as it stands, or is in `notRun`. */
const pages = ["operate", "upgrade", "postgresql"] as const;

/** By the line, why a test does not run it. */
const notRun: Readonly<Record<string, string>> = {
  "gatehouse service install --data ~/.gatehouse": "needs a systemd; service-command.test.ts has a stand-in",
  "sudo gatehouse service install --data /srv/gatehouse -- --runtime podman": "needs systemd and sudo",
  "gatehouse service status": "needs a systemd; service-command.test.ts has a stand-in",
  "sudo gatehouse uninstall --yes --data /srv/gatehouse":
    "needs sudo, and looks at the sudo rules of this machine; uninstall-command.test.ts has one of its own",
  "gatehouse upgrade --undo # says what would be lost, and changes nothing":
    "needs a database that a later program has migrated; central-database's upgrade.test.ts has one",
  "gatehouse upgrade --undo --yes": "the same",
  "git pull": "changes these sources",
  "git checkout COMMIT # the one that you noted": "changes these sources; COMMIT is a place for one",
  "npm start # builds what changed": "installs and builds in the clone; start.test.ts runs it in another one",
  "npm start": "the same",
  "gatehouse image build # if agents run in containers":
    "needs an engine; the tests of @gatehouse/places have a stand-in",
};

/** By the first line, blocks that show output alone. */
const output: ReadonlySet<string> = new Set([
  "version    program 0.1.0+d3abc17d1ad2, host 0.1.0+b087c1451a1f",
  "host       alpha:/srv/one (1.0.0, podman) works on 3 sessions, 2 of them with an agent: Ana, Bo",
]);

/** Lines with a shell of their own, as a person types them, and how they may end. */
const alone: Readonly<Record<string, readonly number[]>> = {
  // The vendors are not reached, and no CLI is installed.
  "gatehouse doctor": [0, 1],
  // The refusal that it shows would end the shell of its block.
  'ncl can groups delete --as-group research; echo "exit code $?"': [0],
};

type Block = { readonly lines: readonly string[]; readonly isOutput: boolean };

/** The command lines of each block. In a block with a prompt the other lines are output. */
const blocksOf = (name: string): readonly Block[] => {
  const page = readFileSync(new URL(`../../docs/host/${name}.md`, import.meta.url), "utf8");
  return [...page.matchAll(/^( *)```\n([^]*?)^ *```$/gm)].map(([, indent = "", text = ""]) => {
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(indent.length));
    const prompted = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
    return { lines: prompted.length > 0 ? prompted : lines, isOutput: output.has(lines[0] ?? "") };
  });
};

/** A line of a block, as `notRun` and `alone` have it: with one space before its comment. */
const keyOf = (line: string): string => line.replace(/ +#/, " #");

const isRoot = process.geteuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

/** A home, and folders in the place of /srv, /mnt and /etc. `gatehouse up` goes on in the background once it is ready. */
const machine = ({ isOrdinary }: { readonly isOrdinary: boolean }) => {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "gatehouse-pages-")));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const account = isRoot && isOrdinary ? nobody : {};
  const folders = [
    "",
    "bin",
    "srv",
    "srv/one",
    "srv/two",
    "mnt",
    "mnt/backups",
    "etc",
    "etc/gatehouse",
    "tmp",
  ];
  for (const folder of folders) {
    mkdirSync(join(place, folder), { recursive: true });
    if (account === nobody) chownSync(join(place, folder), nobody.uid, nobody.gid);
  }
  const program = (name: "gatehouse" | "ncl", before = ""): void => {
    const started = `'${process.execPath}' '${inject("programs")[name]}' "$@"`;
    writeFileSync(
      join(place, "bin", name),
      `#!/bin/sh\n${before.replace("STARTED", started)}exec ${started}\n`,
    );
    chmodSync(join(place, "bin", name), 0o755);
  };
  program("ncl");
  program(
    "gatehouse",
    `if [ "$1" = up ]; then
  log=$(mktemp) && echo "$log" >>'${place}/tmp/ups'
  STARTED --runtime process >"$log" 2>&1 & pid=$!
  echo "$pid" >>'${place}/tmp/pids'
  until grep -q '^ready ' "$log"; do kill -0 "$pid" || { cat "$log" >&2; exit 1; }; sleep 0.1; done
  exit 0
fi
`,
  );
  writeFileSync(join(place, "passphrase.txt"), "a passphrase of the test\n", { mode: 0o644 });
  onTestFinished(() => {
    const pids = join(place, "tmp/pids");
    if (!existsSync(pids)) return;
    for (const pid of readFileSync(pids, "utf8").trim().split("\n"))
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended.
      }
  });
  const env: NodeJS.ProcessEnv = {
    PATH: `${join(place, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: place,
    TMPDIR: join(place, "tmp"),
    GATEHOUSE_DATA: join(place, "srv/gatehouse"),
  };
  const here = (text: string): string =>
    text.replaceAll(/(?<=^|[ =])\/(srv|mnt|etc)\//g, (_, folder: string) => `${place}/${folder}/`);
  const run = (script: string, more: NodeJS.ProcessEnv, ends: readonly number[]): string => {
    const options = { cwd: place, encoding: "utf8", env: { ...env, ...more }, ...account } as const;
    const { status, stdout, stderr } = spawnSync("sh", { ...options, input: here(script) });
    if (!ends.includes(status ?? -1)) expect.fail(`${script}\nended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  };
  const sh = (script: string, more: NodeJS.ProcessEnv = {}): string =>
    run(`umask 022\nset -e\n${script}\n`, more, [0]);
  /** Runs the lines of a block, and returns their output. */
  const runBlock = (
    block: Block | undefined,
    { as = (line) => line, env: more = {} }: { as?: (line: string) => string; env?: NodeJS.ProcessEnv } = {},
  ): string => {
    if (block === undefined || block.isOutput) return "";
    const lines = block.lines.filter((line) => notRun[keyOf(line)] === undefined);
    const said = lines.map((line) =>
      alone[keyOf(line)] === undefined ? "" : run(`${as(line)}\n`, more, alone[keyOf(line)] ?? []),
    );
    const together = lines.filter((line) => alone[keyOf(line)] === undefined);
    return [...said, sh(together.map(as).join("\n"), more)].join("");
  };
  return { place, sh, runBlock };
};

type Servers = {
  readonly noOwnServer: string | null;
  readonly ownServer: () => { readonly url: string };
};
const { noOwnServer, ownServer } = (await import(
  join(import.meta.dirname, "../../internal/foundation/postgres/src/server.fixture.ts")
)) as Servers;

const init = "gatehouse init --name Ana --folder ana --owner local:ada --provider echo";

describe("the command blocks of the pages for operators", { tags: ["slow"] }, () => {
  test("operate.md, as an ordinary account: a backup is for its owner alone, and restores", () => {
    const { place, sh, runBlock } = machine({ isOrdinary: true });
    sh(init);
    writeFileSync(join(place, "srv/gatehouse/secrets.json"), '{"v":1,"secrets":[]}', { mode: 0o600 });
    if (isRoot) chownSync(join(place, "srv/gatehouse/secrets.json"), nobody.uid, nobody.gid);
    sh("gatehouse up\nncl groups create --name Research --folder research");
    const said = blocksOf("operate").map((block) => runBlock(block));
    expect(said.join("")).toMatch(/^exit code 1$/m);
    for (const file of [
      "gatehouse.tar",
      "gatehouse.age",
      "srv/gatehouse/gatehouse.db",
      "srv/restored/gatehouse.db",
    ])
      expect({ file, mode: statSync(join(place, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
    const instructions = (folder: string): string =>
      readFileSync(join(place, "srv", folder, "groups/ana/CLAUDE.md"), "utf8");
    expect(instructions("restored")).toBe(instructions("gatehouse"));
  });

  test("upgrade.md, as an ordinary account", () => {
    const { place, sh, runBlock } = machine({ isOrdinary: true });
    sh(`${init}\ngatehouse up`);
    for (const block of blocksOf("upgrade")) runBlock(block);
    expect(existsSync(join(place, "gatehouse-before.tar"))).toBe(true);
  });

  test("postgresql.md, as an ordinary account, on a server of its own", ({ skip }) => {
    if (noOwnServer !== null) return skip(noOwnServer);
    const { url } = ownServer();
    const { place, sh, runBlock } = machine({ isOrdinary: true });
    const env = {
      PGHOST: new URL(url.replace("@/", "@local/")).searchParams.get("host") ?? "",
      PGUSER: "postgres",
    };
    const address = url.replace("/postgres?", "/agents?");
    const as = (line: string): string =>
      line
        .replaceAll(/postgresql:\/\/\/agents(\?host=\/var\/run\/postgresql)?/g, address)
        .replace("gatehouse init ...", init);
    const [first, dump, copy, two, rekey, shown, ...others] = blocksOf("postgresql");
    if (shown?.isOutput !== true || others.length > 0)
      expect.fail("this test knows six blocks of postgresql.md");
    const down = (folder: string): string => `gatehouse down --data /srv/${folder}`;
    runBlock(first, { as, env });
    runBlock(dump, { as, env });
    expect(statSync(join(place, "gatehouse.dump")).mode & 0o777).toBe(0o600);
    // The host of the next block has its database in a file.
    sh(`${down("gatehouse")}\ndropdb agents\nrm -r /srv/gatehouse\n${init}\ngatehouse up`, env);
    expect(runBlock(copy, { as, env })).toMatch(/^Copied \d+ rows of \d+ tables from /m);
    const shared = { ...env, GATEHOUSE_DATABASE: address };
    runBlock(two, { as, env: shared });
    sh(`${down("one")}\n${down("two")}`, shared);
    runBlock(rekey, { as, env: shared });
    sh(down("one"), shared);
  });

  test("are all run, or have a reason: no line of the list is left over", () => {
    const lines = pages.flatMap((page) => blocksOf(page)).flatMap((block) => block.lines.map(keyOf));
    const known = [...Object.keys(notRun), ...Object.keys(alone), ...output];
    expect(known.filter((line) => !lines.includes(line))).toEqual([]);
    // A sudo, a systemd or a git in a new block is none that a test could run.
    const unknown = lines.filter((line) => /^(sudo|systemctl|git|npm) /.test(line) && !(line in notRun));
    expect(unknown).toEqual([]);
  });
});
