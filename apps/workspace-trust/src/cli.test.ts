import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { makeBed, setUpProfile, type Bed } from "@gatehouse/test-kit";
import type { Io } from "@gatehouse/cli-kit";
import { ownCliFile } from "@gatehouse/trust-cli";
import { agentClis, type StatusReport } from "@trust/preflight";

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

const run = async (bed: Bed, args: readonly string[], isTTY = false): Promise<Ran> => {
  let [stdout, stderr] = ["", ""];
  const io: Io = {
    // A closed port on loopback keeps doctor from connecting to a real API.
    env: { ...bed.request([]).env, GATEHOUSE_DATA: bed.dataDir, ANTHROPIC_BASE_URL: "http://127.0.0.1:9" },
    cwd: bed.root,
    stdout: { isTTY: false, write: (text) => (stdout += text) },
    stderr: { isTTY, columns: 100, rows: 30, write: (text) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli(args, "1.2.3", io);
  return { code, stdout, stderr };
};

const trust = (bed: Bed, name: string): string => {
  const folder = bed.folder(name);
  const projects = { [folder]: { hasTrustDialogAccepted: true } };
  writeFileSync(bed.stateFile, JSON.stringify({ ...setUpProfile, projects }));
  return folder;
};

describe("usage errors", () => {
  const rows: readonly { args: readonly string[]; says: RegExp; help?: string }[] = [
    { args: [], says: /missing required argument 'dir'/ },
    { args: ["status"], says: /missing required argument 'dir'/, help: "status --help" },
    { args: [""], says: /The path is empty/ },
    { args: ["w", ""], says: /The path is empty/ },
    { args: ["status", ""], says: /The path is empty/, help: "status --help" },
    { args: ["staus", "w"], says: /no such folder here, and the command is "status"/ },
    { args: ["completion"], says: /missing required argument 'shell'/, help: "completion --help" },
    { args: ["list"], says: /no such folder here, and no command "list"/ },
    {
      args: ["revoke", "x"],
      says: /no command "revoke".*preflight, status, explain, doctor, consents, completion/,
    },
    { args: ["--refuse-grants", "docter"], says: /the command is "doctor"/ },
    { args: ["consents", ""], says: /The path is empty/, help: "consents --help" },
    { args: ["w", "--data", ""], says: /The path is empty/, help: "--help" },
    { args: ["w", "--record", ""], says: /The path is empty/ },
    { args: ["w", "--nonsense"], says: /unknown option '--nonsense'/ },
    { args: ["w", "--provider", "cursor"], says: /"cursor" is not one of: claude, codex/ },
    {
      args: ["w", "--cli", "cursor=/bin/cursor"],
      says: /"cursor" is not one of: claude, codex/,
    },
    { args: ["w", "--cli", "/bin/claude"], says: /PROVIDER=PATH/ },
    {
      args: ["w", "--consent", "mcp=yes"],
      says: /There are: trust=accept, update=skip, api-key=use\|refuse/,
    },
    { args: ["w", "--consent", "mcp=use", "--consent", "mcp=refuse"], says: /answered twice/ },
    { args: ["w", "--jobs", "0"], says: /whole number/ },
    { args: ["w", "--jobs", "1.5"], says: /whole number/ },
    { args: ["w", "--timeout", "soon"], says: /number of seconds/ },
    { args: ["w", "--timeout", "-1"], says: /number of seconds/ },
    { args: ["consents", "a", "b"], says: /too many arguments/, help: "consents --help" },
  ];
  test.each(rows)(
    "workspace-trust refuses the arguments $args",
    async ({ args, says, help = "preflight --help" }) => {
      const bed = makeBed();
      const plain = await run(bed, args);
      expect(plain).toMatchObject({ code: 2, stdout: "" });
      expect(plain.stderr).toMatch(says);
      const json = await run(bed, [...args, "--json"]);
      expect(json).toMatchObject({ code: 2, stderr: "" });
      const document: unknown = JSON.parse(json.stdout);
      const fix = `workspace-trust ${help}`;
      expect(plain.stderr).toContain(`\nfix: ${fix}\n`);
      expect(document).toMatchObject({ ok: false, error: { code: "usage", fix } });
      expect((document as { error: { message: string } }).error.message).toMatch(says);
      expect(bed.log()).toEqual([]);
    },
  );
});

test.each([
  { what: "a folder has that name", args: ["staus"], folders: ["staus"] },
  { what: "the word is written as a path", args: ["./staus", "w"], folders: [] },
  { what: "the word is not the first", args: ["w", "staus"], folders: [] },
  { what: "the word differs in two letters", args: ["stas", "w"], folders: [] },
])("takes a word similar to a command for a folder if $what", async ({ args, folders }) => {
  const bed = makeBed();
  for (const name of folders) bed.folder(name);
  const { stdout } = await run(bed, [...args, "--json"]);
  const { results } = JSON.parse(stdout) as { results: readonly unknown[] };
  expect(results).toHaveLength(args.length);
});

test("takes --json after -- for a folder", async () => {
  expect(await run(makeBed(), ["status", "--provider", "none", "--", "--json"])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/^error: /) as unknown,
  });
});

describe("workspace-trust", () => {
  test("prints its commands, with examples", async () => {
    const { code, stdout } = await run(makeBed(), ["--help"]);
    expect(code).toBe(0);
    for (const word of ["preflight", "status", "explain", "doctor", "consents", "Examples:", "Exit codes:"])
      expect(stdout).toContain(word);
    expect((await run(makeBed(), ["--version"])).stdout).toBe("1.2.3\n");
  });

  test.each([{ verb: "preflight" }, { verb: "status" }, { verb: "doctor" }])(
    "prints readable defaults in the help of $verb",
    async ({ verb }) => {
      expect((await run(makeBed(), [verb, "--help"])).stdout).not.toMatch(/\[\]|\{\}/);
    },
  );

  const spellings = [
    { name: "a folder first", args: ["project", "--json"] },
    { name: "an option first", args: ["--json", "project"] },
    { name: "the command by name", args: ["preflight", "--jobs", "2", "project", "--json"] },
  ];
  test.each(spellings)("runs preflight for $name", async ({ args }) => {
    const bed = makeBed();
    const folder = trust(bed, "project");
    const { code, stdout } = await run(bed, args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      results: [{ workspace: folder, code: "already-trusted" }],
    });
  });

  test("prints a block for each folder: status, folder, code, message and fix", async () => {
    const bed = makeBed();
    const { code, stdout, stderr } = await run(bed, [trust(bed, "project"), bed.home, "none"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^3 folders in \d\.\d s: 1 already-trusted, 2 blocked\.\n$/);
    expect(stdout.replaceAll(bed.root, "").replace(/\d\.\d\d s/g, "N s")).toMatchInlineSnapshot(`
      "already-trusted  /project  N s
          /project itself is trusted.
      blocked          /home  home-not-persistable  N s
          /home is the home folder: Claude Code would trust everything in it.
          fix: Name a folder below the home folder that is not part of a repository at its top.
      blocked          /none  not-a-folder  N s
          /none is no folder that can be read (ENOENT).
          fix: Create it first, or correct the path.
      "
    `);
  });

  test("prints the summary of a batch on stderr with --json, and only the document on stdout", async () => {
    const bed = makeBed();
    const { stdout, stderr } = await run(bed, [trust(bed, "project"), "none", "--json"]);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/^2 folders in \d\.\d s: 1 already-trusted, 1 blocked\.\n$/);
  });

  test("shows progress on a terminal, and erases it at the end", { tags: ["slow"] }, async () => {
    const bed = makeBed();
    const { code, stderr, stdout } = await run(bed, [bed.folder("project")], true);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trusted /);
    expect(stderr).toMatch(/project {2}asks claude\/trust/);
    expect(stderr.endsWith("\x1b[1A\x1b[0J")).toBe(true);
  });
});

/** Moves the fixture's Claude from PATH to the folder where `npm start` installs it. */
const installInDataFolder = (bed: Bed, folder: string = bed.dataDir): string => {
  const own = ownCliFile(folder, agentClis.claude);
  mkdirSync(dirname(own), { recursive: true });
  renameSync(bed.cli, own);
  renameSync(join(bed.root, "bin", "fake-claude.json"), join(dirname(own), "fake-claude.json"));
  return own;
};

describe("the CLI in the data folder", () => {
  test("is used without --cli", { tags: ["slow"] }, async () => {
    const bed = makeBed();
    installInDataFolder(bed);
    const folder = bed.folder("one");
    const { stdout } = await run(bed, [folder, "--via", "dialog", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, results: [{ code: "trusted" }] });
    expect(bed.trusted()).toEqual([folder]);
  });

  test("is checked by doctor", async () => {
    const bed = makeBed();
    const own = installInDataFolder(bed);
    const { stdout } = await run(bed, ["doctor", "--json"]);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; message: string }[] };
    expect(checks.find(({ name }) => name === "cli")?.message).toContain(own);
  });

  test("is that of the account, if the data folder named later has none", async () => {
    const bed = makeBed();
    const own = installInDataFolder(bed, join(bed.home, ".gatehouse"));
    const { stdout } = await run(bed, ["doctor", "--json"]);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; message: string }[] };
    expect(checks.find(({ name }) => name === "cli")?.message).toContain(own);
  });

  test("is not taken from a data folder that other accounts can write to", async () => {
    const bed = makeBed();
    installInDataFolder(bed);
    chmodSync(bed.dataDir, 0o777);
    const { stdout } = await run(bed, [bed.folder("one"), "--json"]);
    const fix = expect.stringContaining("(or name it with --claude PATH)") as unknown;
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ code: "cli-not-found", fix }] });
  });
});

test("reports a missing CLI once for any number of folders", async () => {
  const bed = makeBed();
  rmSync(bed.cli);
  const { code, stdout } = await run(
    bed,
    ["one", "two", "three"].map((name) => bed.folder(name)),
  );
  expect(code).toBe(1);
  expect(stdout.match(/^failed .*cli-not-found/gm)).toHaveLength(3);
  expect(stdout.match(/was not found/g)).toHaveLength(1);
  expect(stdout.match(/fix: npm install/g)).toHaveLength(1);
});

describe("status", () => {
  test("prints the trust of every folder, and exits 0 only if no CLI would ask", async () => {
    const bed = makeBed();
    const [one, two] = [trust(bed, "one"), bed.folder("two")];
    expect((await run(bed, ["status", one])).code).toBe(0);
    const { code, stdout } = await run(bed, ["status", one, two, "none", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      ok: false,
      results: [
        expect.objectContaining({
          workspace: one,
          provider: "claude",
          state: "trusted",
          code: "own-key",
          key: one,
        }),
        expect.objectContaining({ workspace: two, state: "untrusted", code: "no-key", file: bed.stateFile }),
        expect.objectContaining({
          workspace: join(bed.root, "none"),
          state: "unknown",
          code: "not-a-folder",
        }),
      ],
    });
    expect(bed.log()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });

  test.each([
    { provider: "claude", file: ".claude/settings.json", text: '{"permissions":{"allow":["Bash(ls)"]}}' },
    { provider: "gemini", file: ".gemini/settings.json", text: '{"mcpServers":{"db":{}}}' },
  ])("shows the grants of a folder's own files: $provider", async ({ provider, file, text }) => {
    const bed = makeBed();
    const folder = bed.folder("one", { [file]: text });
    const args = ["status", folder, "--provider", provider];
    const { results } = JSON.parse((await run(bed, [...args, "--json"])).stdout) as StatusReport;
    expect(results[0]?.grants).toMatchObject([{ name: provider === "claude" ? "Bash(ls)" : "db" }]);
    expect((await run(bed, args)).stdout).toMatch(/grants: 1 [a-z-]+ \((Bash\(ls\)|db)\)/);
  });
});

describe("explain", () => {
  const question = [
    " Accessing workspace:",
    " /w/project",
    " Quick safety check: Is this a project you created or one you trust? (Like your",
    " own code, a well-known open source project, or work from your team). If not,",
    " take a moment to review what's in this folder first.",
    " Claude Code'll be able to read, edit, and execute files here.",
    " Security guide",
  ];
  test("prints the screens of a recording, and the decisions", async () => {
    const bed = makeBed();
    const rows = [
      ...question,
      " ❯ No, exit",
      "   Yes, I trust this folder",
      " Enter to confirm · Esc to cancel",
    ];
    const cast = [{ version: 2, width: 80, height: 24 }, [0.1, "o", rows.join("\r\n")], [0.5, "i", "\x1b[B"]];
    writeFileSync(join(bed.root, "run.cast"), cast.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { code, stdout } = await run(bed, ["explain", "run.cast"]);
    expect(code).toBe(0);
    expect(stdout).toContain("claude/trust\n");
    expect(stdout).toContain('decision: press down: towards "Yes, I trust this folder"');
    expect(stdout).toContain('pressed: "\\u001b[B"');
  });

  test("names the rule that nearly matched, and the reason why it did not", async () => {
    const bed = makeBed();
    const rows = [
      ...question,
      " ❯ No, exit",
      "   Yes, and everything below it",
      " Enter to confirm · Esc to cancel",
    ];
    const cast = [{ version: 2, width: 80, height: 24 }, [0.1, "o", rows.join("\r\n")]];
    writeFileSync(join(bed.root, "run.cast"), cast.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { stdout } = await run(bed, ["explain", "run.cast"]);
    expect(stdout).toContain('nearly claude/trust: unknown option "Yes, and everything below it"');
    expect(stdout).toContain("decision: blocked: unknown-dialog");
  });

  test("escapes control characters and invisible characters of a recording", async () => {
    const bed = makeBed();
    const rows = [
      " A question\u202e that nobody asked",
      " ❯ Y\u200bes\u2066",
      "   No\u{e0041}",
      " Enter to confirm",
    ];
    const cast = [
      { version: 2, width: 80, height: 24 },
      [0.1, "o", rows.join("\r\n")],
      [0.5, "i", "\u009b\u202e"],
    ];
    writeFileSync(join(bed.root, "run.cast"), cast.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const text = await run(bed, ["explain", "run.cast"]);
    const json = await run(bed, ["explain", "run.cast", "--json"]);
    for (const { stdout } of [text, json]) {
      expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\u200b\u202e\u2066\u{e0041}]/u);
      expect(stdout).toContain("A question\\u");
    }
    expect(JSON.parse(json.stdout)).toMatchObject({
      screens: [{ screen: expect.stringContaining("A question\u202e") as unknown }],
    });
  });

  test("writes a page with --html, in which every text of the recording is text", async () => {
    const bed = makeBed();
    const rows = [
      ...question,
      ` ❯ No, exit</pre><script>alert("1")</script>\u202e`,
      "   Yes, I trust this folder",
    ];
    const cast = [{ version: 2, width: 120, height: 24 }, [0.1, "o", rows.join("\r\n")]];
    writeFileSync(join(bed.root, "<b>.cast"), cast.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { code, stdout } = await run(bed, ["explain", "<b>.cast", "--html", "out.html"]);
    expect([code, stdout]).toEqual([0, `${join(bed.root, "out.html")}\n`]);
    const page = readFileSync(join(bed.root, "out.html"), "utf8");
    expect(page).toContain("Quick safety check");
    expect(page).toContain("<p>decision: ");
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<b>|\u202e|https?:|src=/);
    expect(statSync(join(bed.root, "out.html")).mode & 0o777).toBe(0o600);
  });

  test("says that the page of --html cannot be written", async () => {
    const bed = makeBed();
    writeFileSync(join(bed.root, "run.cast"), '{"version":2,"width":80,"height":24}\n[0.1,"o","x"]\n');
    const { code, stdout } = await run(bed, ["explain", "run.cast", "--html", "none/out.html", "--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { ok: false, error: { code: "not-writable" } }]);
  });

  const unreadable = [
    { name: "a missing file", text: null, code: "not-readable" },
    { name: "a file that is not a recording", text: "hello\n", code: "invalid-cast" },
  ];
  test.each(unreadable)("fails for $name", async ({ text, code }) => {
    const bed = makeBed();
    if (text !== null) writeFileSync(join(bed.root, "run.cast"), text);
    const ran = await run(bed, ["explain", "run.cast", "--json"]);
    expect(ran.code).toBe(1);
    const error = { code, fix: expect.stringContaining(".cast file") as unknown };
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, error });
  });
});

describe("doctor", () => {
  test("passes on a healthy machine", { tags: ["slow"] }, async () => {
    const bed = makeBed();
    const { code, stdout } = await run(bed, ["doctor", "--json"]);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; ok: boolean }[] };
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(["cli", "pty", "state", "cli-lock", "data", "ledger"]);
    expect([ok, code]).toEqual([true, 0]);
    expect(bed.leftovers()).toEqual([]);
  });

  test(
    "ends in a verdict, and shows CLIs that are not needed only with --all",
    { tags: ["slow"] },
    async () => {
      const bed = makeBed();
      const { stdout } = await run(bed, ["doctor"]);
      expect(stdout).toMatch(
        /\nReady to trust folders: all 6 checks passed\. An agent may not start: see sign-in, network\.\n$/,
      );
      expect(stdout).toMatch(/^Not installed and not needed: codex, .* \(--all shows them\)\.$/m);
      expect(stdout).not.toMatch(/^ok {3}codex/m);
      expect((await run(bed, ["doctor", "--all"])).stdout).toMatch(/^ok {3}codex .* Not needed\.$/m);
      const { verdict } = JSON.parse((await run(bed, ["doctor", "--json"])).stdout) as { verdict: string };
      expect(verdict).toBe(
        "Ready to trust folders: all 6 checks passed. An agent may not start: see sign-in, network.",
      );
    },
  );

  test("names missing requirements, and the command that fixes them", { tags: ["slow"] }, async () => {
    const bed = makeBed({ version: "2.1.80" });
    writeFileSync(bed.stateFile, "torn");
    const { code, stdout } = await run(bed, ["doctor"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL cli .*--bare/);
    expect(stdout).toMatch(/FAIL state /);
    expect(stdout).toContain("fix: npm install -g @anthropic-ai/claude-code@2.1.332");
  });

  const unsound = [
    { what: "a data folder that others may write", path: ({ dataDir }: Bed) => dataDir, says: /chmod go-w/ },
    {
      what: "a folder for locks that other accounts can write to",
      path: ({ home }: Bed) => join(home, ".gatehouse", "locks"),
      says: /Locks are not available \(.*chmod go-w/,
    },
  ];
  test.each(unsound)("finds $what", { tags: ["slow"] }, async ({ path, says }) => {
    const bed = makeBed();
    mkdirSync(path(bed), { recursive: true });
    chmodSync(path(bed), 0o777);
    const { code, stdout } = await run(bed, ["doctor", "--json"]);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; message: string }[] };
    expect(code).toBe(1);
    expect(checks.filter(({ ok }) => !ok)).toEqual([
      expect.objectContaining({ name: "data", message: expect.stringMatching(says) as unknown }),
    ]);
  });
});

describe("consents", () => {
  test("fails immediately if the ledger is a named pipe", { tags: ["slow"] }, async () => {
    const bed = makeBed();
    mkdirSync(bed.dataDir);
    spawnSync("mkfifo", [join(bed.dataDir, "consents.jsonl")]);
    const { code, stdout } = await run(bed, ["consents", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "ledger-unsafe" } });
  });

  test(
    "prints who asked for which folder, and the outcome; for one folder if named",
    { tags: ["slow"] },
    async () => {
      const bed = makeBed();
      expect((await run(bed, ["consents"])).stdout).toBe("No consents are recorded.\n");
      await run(bed, [bed.folder("one"), bed.folder("two")]);
      const all = await run(bed, ["consents"]);
      expect(all.stdout.trim().split("\n")).toHaveLength(2);
      expect(all.stdout).toMatch(/^20\S+Z {2}\S+ \(\d+\) {2}claude 2\.1\.328 {2}trusted {2}\/\S+\/one$/m);
      const none = await run(bed, ["consents", "three"]);
      expect(none.stdout).toBe(`No consents are recorded for ${join(bed.root, "three")}.\n`);
      const one = await run(bed, ["consents", "one", "--json"]);
      expect(JSON.parse(one.stdout)).toMatchObject({
        ok: true,
        consents: [{ folder: join(bed.root, "one") }],
      });
    },
  );
});
