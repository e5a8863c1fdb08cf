import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { fakeHost, hostSaying, run, temporaryFolder } from "./fake-host.fixture.ts";

/** Drops root's rights for the rest of the test, because root may open every socket. */
const dropRoot = (): void => {
  if (process.geteuid?.() !== 0) return;
  process.seteuid?.(65_534);
  onTestFinished(() => process.seteuid?.(0));
};

const failure = (code: string, message = "no", more = {}) => ({
  id: "1",
  ok: false,
  error: { code, message, ...more },
});

describe("ncl without a host", () => {
  test.for([
    { argv: ["--help"], says: /Usage: ncl/ },
    { argv: ["-h"], says: /Exit codes/ },
    { argv: ["--version"], says: /^1\.2\.3\n$/ },
    { argv: ["completion", "bash"], says: /complete .* ncl/ },
    { argv: ["completion", "zsh"], says: /#compdef ncl/ },
    { argv: ["completion", "fish"], says: /complete -c ncl/ },
  ])("runs $argv", async ({ argv, says }) => {
    expect(await run(argv)).toEqual({ code: 0, err: "", out: expect.stringMatching(says) as unknown });
  });

  test.for([
    { what: "no command", argv: [] },
    { what: "a short flag", argv: ["groups", "list", "-l"] },
    { what: "an unknown shell", argv: ["completion", "tcsh"] },
    { what: "no shell", argv: ["completion"] },
  ])("refuses $what as a usage error", async ({ argv }) => {
    const { code, out, err } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/ncl/);
  });

  test("refuses a flag without a command, and names it", async () => {
    const { code, err } = await run(["--frob"]);
    expect({ code, err }).toEqual({
      code: 2,
      err: "error: --frob needs a command before it.\nfix: ncl --help\n",
    });
  });

  test.for([
    { argv: ["groups", "list", "-l", "--json"] },
    { argv: ["--frob", "--json"] },
    { argv: ["completion", "tcsh", "--json"] },
  ])("prints a usage error as a document with --json: $argv", async ({ argv }) => {
    const { code, out, err } = await run(argv);
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "usage", fix: "ncl --help" } });
  });

  const gone = join("/proc/nowhere", "data", "ncl.sock");
  test("names the command that starts a host", async () => {
    expect(await run(["groups", "list", "--data", "/proc/nowhere/data"])).toEqual({
      code: 2,
      out: "",
      err: `error: No host answers on ${gone}.\nfix: Start one: gatehouse up --data /proc/nowhere/data (another folder: --data DIR or GATEHOUSE_DATA)\n`,
    });
  });

  test("names the command that starts a host, also with --json", async () => {
    const { code, out, err } = await run(["groups", "list", "--json"], {
      GATEHOUSE_DATA: "/proc/nowhere/data",
    });
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out)).toEqual({
      ok: false,
      error: {
        code: "transport-error",
        message: `No host answers on ${gone}.`,
        fix: expect.stringContaining("gatehouse up --data /proc/nowhere/data") as unknown,
      },
    });
  });

  test("refuses a file at the socket's path", async () => {
    const path = join(temporaryFolder(), "ncl.sock");
    writeFileSync(path, "");
    expect(await run(["groups", "list", "--socket", path])).toMatchObject({ code: 2, out: "" });
  });

  test("refuses a path that is too long for a socket, with the limit", async () => {
    const { code, err } = await run(["groups", "list", "--socket", `/${"x".repeat(107)}`]);
    expect(code).toBe(2);
    expect(err).toMatch(/108 bytes.*at most 107.*\nfix: .*symbolic link/);
  });

  test("tells another account which account runs the host", async () => {
    const { path } = await hostSaying({ id: "1", ok: true, data: null });
    chmodSync(dirname(path), 0o755);
    chmodSync(path, 0o000);
    const startedAs = process.getuid?.();
    dropRoot();
    const { err } = await run(["groups", "list", "--socket", path]);
    // Without root, the test's only account owns the socket, so the error names no account.
    expect(err).toMatch(
      startedAs === 0 ? /is run by root, and you are nobody\.\nfix: run it as root: sudo/ : /another account/,
    );
  });
});

describe("ncl with a broken host", () => {
  test("fails after --timeout seconds if the host hangs", async () => {
    const { path } = await fakeHost(() => {});
    const { code, err } = await run(["groups", "list", "--socket", path, "--timeout", "0.2"]);
    expect(code).toBe(2);
    expect(err).toMatch(/did not answer within 0\.2 s.*may still run/);
  });

  test("fails after --timeout seconds if the host hangs in the middle of its answer", async () => {
    const { path } = await fakeHost((socket) => void socket.write('{"id":"1","ok":'));
    expect(await run(["groups", "list", "--socket", path, "--timeout", "0.2"])).toMatchObject({
      code: 2,
      out: "",
    });
  });

  test("reports that the host closed the connection", async () => {
    const { path } = await fakeHost((socket) => void socket.destroy());
    expect((await run(["groups", "list", "--socket", path])).err).toMatch(
      /ended the connection without an answer/,
    );
  });

  test("reports that the host is too busy to accept a connection", { tags: ["slow"] }, async () => {
    const path = join(temporaryFolder(), "ncl.sock");
    const listening = `require("net").createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log("ready"))`;
    const stopped = spawn(process.execPath, ["-e", listening, path]);
    onTestFinished(() => void stopped.kill("SIGKILL"));
    await once(stopped.stdout, "data");
    stopped.kill("SIGSTOP");
    for (let others = 0; others < 8; others += 1) {
      const waiting = connect(path).on("error", () => {});
      onTestFinished(() => void waiting.destroy());
    }
    const { code, err } = await run(["groups", "list", "--socket", path, "--timeout", "5"]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/too busy/) as unknown });
  });

  test("reports that the host closed the connection before it read the command", async () => {
    const path = join(temporaryFolder(), "ncl.sock");
    // If bytes are unread, the kernel resets the connection (ECONNRESET).
    const server = createServer({ pauseOnConnect: true }, (socket) => setImmediate(() => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    expect((await run(["groups", "list", "--socket", path])).err).toMatch(
      /ended the connection without an answer; the command may have run/,
    );
  });

  test.for([
    { says: "hello" },
    { says: "null" },
    { says: "[]" },
    { says: '{"ok":false}' },
    { says: '{"ok":true}' },
  ])("reports that a program that answers $says is not a Gatehouse host", async ({ says }) => {
    const { path } = await fakeHost((socket) => void socket.write(`${says}\n`));
    expect(await run(["groups", "list", "--socket", path])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is not a Gatehouse host/) as unknown,
    });
  });
});

describe("the request of ncl", () => {
  test("has the unchecked command line", async () => {
    const { path, frames } = await hostSaying({ id: "1", ok: true, data: [] });
    const argv = ["groups", "list", "--limit", "-1", "--Name=a\u0001b", "--name", "\ufffd", "--socket", path];
    expect(await run(argv)).toEqual({ code: 0, out: "none\n", err: "" });
    expect(frames).toEqual([
      { id: "1", command: "groups-list", args: { limit: "-1", Name: "a\u0001b", name: "\ufffd" } },
    ]);
  });

  test.for([
    { argv: ["groups", "create", "--name", "x", "--help"], command: "help-groups-create" },
    { argv: ["groups", "delete", "ag-1", "-h"], command: "help-groups-delete-ag-1" },
  ])("asks for help with --help: $argv", async ({ argv, command }) => {
    const { path, frames } = await hostSaying({ id: "1", ok: true, data: {}, human: "the flags" });
    expect(await run([...argv, "--socket", path])).toEqual({ code: 0, out: "the flags\n", err: "" });
    expect(frames).toEqual([{ id: "1", command, args: {} }]);
  });
});

describe("ncl with an answer", () => {
  const rows = { id: "1", ok: true, data: [{ id: "ag-1" }] };
  const cases = [
    { what: "prints rows as a table", frame: rows, code: 0, out: "id\nag-1\n", err: "" },
    {
      what: "prints the host's text instead of a table",
      frame: { ...rows, human: "one\ntwo" },
      code: 0,
      out: "one\ntwo\n",
      err: "",
    },
    {
      what: "escapes control characters in the host's text, except line ends",
      frame: { ...rows, human: "a\u001b[2J\nb\t" },
      code: 0,
      out: "a\\u{1b}[2J\nb\\u{9}\n",
      err: "",
    },
    {
      what: "prints warnings on stderr",
      frame: { ...rows, warnings: ["look", "out\u001b"] },
      code: 0,
      out: "id\nag-1\n",
      err: "warning: look\nwarning: out\\u{1b}\n",
    },
    {
      what: "prints an error",
      frame: failure("not-found"),
      code: 1,
      out: "",
      err: "error: no (not-found)\n",
    },
    {
      what: "prints refused arguments with the command's usage",
      frame: failure("invalid-args", "--name is missing.", { usage: "groups create --name <string>" }),
      code: 2,
      out: "",
      err: "error: --name is missing. (invalid-args)\nusage: ncl groups create --name <string>\n",
    },
    {
      what: "prints a refusal",
      frame: failure("forbidden"),
      code: 1,
      out: "",
      err: "error: no (forbidden)\n",
    },
    {
      what: "prints a transport error of the host",
      frame: failure("transport-error"),
      code: 2,
      out: "",
      err: "error: no (transport-error)\n",
    },
    {
      what: "prints a pending approval",
      frame: failure("approval-pending", "waits as ap-1", { approvalId: "ap-1" }),
      code: 3,
      out: "",
      err: "error: waits as ap-1 (approval-pending)\n",
    },
  ];
  test.for(cases)("$what, with exit code $code", async ({ frame, code, out, err }) => {
    const { path } = await hostSaying(frame);
    expect(await run(["groups", "list", "--socket", path])).toEqual({ code, out, err });
  });

  test.for(cases)("prints the whole frame with --json, where it otherwise $what", async ({ frame, code }) => {
    const { path } = await hostSaying(frame);
    const ran = await run(["groups", "list", "--json", "--socket", path]);
    expect({ frame: JSON.parse(ran.out), code: ran.code }).toEqual({ frame, code });
  });

  test("fits a table to the width of the terminal", async () => {
    const { path } = await hostSaying({ id: "1", ok: true, data: [{ id: "1", name: "a long name" }] });
    const ran = await run(["x", "--socket", path], {}, { columns: 14, isColoured: true });
    expect(ran.out).toBe("\u001b[2mid  name\u001b[22m\n1   a long na…\n");
  });
});

describe("ncl can", () => {
  const verdict = (effect: string) => ({ effect, ruleId: "own-group", reason: "It is its own." });
  const cases = [
    { effect: "allow", code: 0 },
    { effect: "deny", code: 1 },
    { effect: "approve", code: 3 },
  ];
  test.for(cases)("exits with $code for $effect", async ({ effect, code }) => {
    const frame = {
      id: "1",
      ok: true,
      data: verdict(effect),
      human: `${effect} (own-group): It is its own.`,
    };
    const { path } = await hostSaying(frame);
    const words = ["groups", "delete", "--as-group", "ag-1", "--socket", path];
    const argv = ["can", ...words];
    expect(await run(argv)).toEqual({ code, out: `${effect} (own-group): It is its own.\n`, err: "" });
    // The host ignores the case of words.
    expect((await run(["CAN", ...words])).code).toBe(code);
    expect(await run([...argv, "--json"])).toEqual({
      code,
      out: `${JSON.stringify(verdict(effect))}\n`,
      err: "",
    });
  });

  test("exits with 2 for an unknown command", async () => {
    const { path } = await hostSaying(failure("invalid-args"));
    expect(await run(["can", "fly", "--socket", path])).toMatchObject({ code: 2, out: "" });
  });

  test("exits with 0 for --list, which shows all decisions", async () => {
    const data = [{ command: "groups list", ...verdict("deny") }];
    const { path } = await hostSaying({ id: "1", ok: true, data });
    const { code, out } = await run(["can", "--list", "--json", "--socket", path]);
    expect({ code, data: JSON.parse(out).data }).toEqual({ code: 0, data });
  });

  test("does not change the exit codes of `canada list` and `can --help`", async () => {
    const { path } = await hostSaying({ id: "1", ok: true, data: verdict("deny") });
    expect((await run(["canada", "list", "--socket", path])).code).toBe(0);
    expect((await run(["can", "--help", "--socket", path])).code).toBe(0);
  });
});

describe("ncl completion", () => {
  const candidates = [{ value: "ag-1", description: "My Research" }, { value: "My Research" }];

  test.for([
    {
      argv: ["--", "groups", "get"],
      asks: { words: ["groups", "get"], current: "" },
      out: "ag-1\nMy Research\n",
    },
    {
      argv: ["bash", "--", "groups", "get", "My\\ R"],
      asks: { words: ["groups", "get"], current: "My R" },
      out: "My\\ Research\n",
    },
    {
      argv: ["fish", "--", "groups", "--json", "get", "ag"],
      asks: { words: ["groups", "get"], current: "ag" },
      out: "ag-1\tMy Research\n",
    },
  ])("sends the host one frame: $argv", async ({ argv, asks, out }) => {
    const { path, frames } = await hostSaying({ id: "1", ok: true, data: { candidates } });
    // Completion finds the host like other commands.
    const env = { GATEHOUSE_DATA: path.replace(/\/ncl\.sock$/, "") };
    expect(await run(["completion", "words", ...argv], env)).toEqual({ code: 0, out, err: "" });
    expect(frames).toEqual([{ id: "1", command: "complete", args: asks }]);
  });

  test("asks the host that the line names", async () => {
    const { path, frames } = await hostSaying({ id: "1", ok: true, data: { candidates } });
    const words = ["--socket", path, "groups", "get", ""];
    expect((await run(["completion", "words", "bash", "--", ...words])).code).toBe(0);
    expect(frames).toHaveLength(1);
  });

  test("leaves values of the client's own flags to the shell", async () => {
    expect(await run(["completion", "words", "bash", "--", "groups", "--data", "/tm"])).toEqual({
      code: 0,
      out: "",
      err: "",
    });
  });

  test("waits 300 ms for a host that hangs, and prints nothing", async () => {
    const { path } = await fakeHost(() => {});
    const before = performance.now();
    const ran = await run(["completion", "words", "--", "--socket", path, "groups"]);
    const took = performance.now() - before;
    expect(ran).toEqual({ code: 2, out: "", err: "" });
    expect(took).toBeGreaterThanOrEqual(290);
  });

  test("prints nothing if the host does not know the command `complete`", async () => {
    const { path } = await hostSaying(failure("unknown-command"));
    expect(await run(["completion", "words", "--", "--socket", path, "groups"])).toEqual({
      code: 2,
      out: "",
      err: "",
    });
  });

  test("prints nothing without a host", async () => {
    expect(await run(["completion", "words", "--", "groups"])).toEqual({ code: 2, out: "", err: "" });
  });
});

describe("ncl with another program at the socket", () => {
  const ok = (more: object) => `${JSON.stringify({ id: "1", ok: true, ...more })}\n`;
  const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  test.for([
    { what: "data nested too deep for recursion", text: ok({ data: 0 }).replace("0", nested) },
    { what: "warnings that are not a list", text: ok({ data: [], warnings: 5 }) },
    { what: "a warning that is not a string", text: ok({ data: [], warnings: [{}] }) },
    { what: "a `human` that is not a string", text: ok({ data: [], human: {} }) },
    { what: "an error without strings", text: '{"id":"1","ok":false,"error":{"code":{},"message":5}}\n' },
    { what: "a control byte", text: "\u0000\n" },
  ])("recognises the program by $what", async ({ text }) => {
    const { path } = await fakeHost((socket) => socket.write(text));
    const { code, out, err } = await run(["groups", "list", "--socket", path]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("is not a Gatehouse host");
  });

  test("fails before an endless answer fills the memory", { tags: ["slow"] }, async () => {
    const part = Buffer.alloc(2 ** 22, "a");
    const { path } = await fakeHost((socket) => {
      const more = (): void => void (socket.destroyed || socket.write(part, more));
      more();
    });
    const { code, err } = await run(["groups", "list", "--socket", path, "--timeout", "300"]);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringContaining("not a Gatehouse host") as unknown,
    });
  });

  test.for([{ effect: "constructor" }, { effect: "__proto__" }, { effect: 5 }])(
    "exits with 0 for the unknown verdict $effect",
    async ({ effect }) => {
      const { path } = await hostSaying({ id: "1", ok: true, data: { effect, ruleId: "r", reason: "why" } });
      expect(await run(["can", "groups", "list", "--socket", path])).toMatchObject({ code: 0, err: "" });
    },
  );
});
