import { statSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRealHost, runNcl, runShell, type RealHost, type Ran } from "./real-host.fixture.ts";

const slow = { tags: ["slow"] };
let host: RealHost;
beforeAll(async () => {
  host = await startRealHost();
}, 120_000);
afterAll(() => host.dispose());

const ncl = (...args: readonly string[]): Ran => runNcl(host, args);
/** Runs a command and returns the data of its answer. Throws if it fails. */
const data = <T>(...args: readonly string[]): T => {
  const { stdout, stderr } = ncl(...args, "--json");
  const frame = JSON.parse(stdout) as { ok: boolean; data: T };
  if (!frame.ok) throw new Error(stdout + stderr);
  return frame.data;
};
const expectAlive = (): void => expect(ncl("groups", "list").code).toBe(0);

describe("ncl with a real host", () => {
  test("has a bundle of less than 32 KB", slow, () => {
    expect(statSync(host.client).size).toBeLessThan(32 * 1024);
  });

  test("creates, shows, changes and deletes a group", slow, () => {
    const { id } = data<{ id: string }>("groups", "create", "--name", "Ada", "--folder", "ada");
    expect(id).toMatch(/^ag-[0-9a-f-]{36}$/);
    expect(ncl("groups", "get", id)).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining(id) as unknown,
    });
    expect(ncl("groups", "config", "update", id, "--provider", "codex").code).toBe(0);
    expect(data("groups", "config", "get", id)).toMatchObject({ provider: "codex" });
    expect(ncl("groups", "list").stdout).toMatch(/^id +name +folder/);
    expect(ncl("can", "groups", "delete", id, "--as-group", id)).toMatchObject({
      code: expect.toBeOneOf([1, 3]) as unknown,
    });
    expect(ncl("can", "groups", "get", "--as-group", id).code).toBe(0);
    expect(ncl("groups", "delete", id).code).toBe(0);
    expect(ncl("groups", "get", id)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/not-found/) as unknown,
    });
  });

  test("prints only the decision for can --json", slow, () => {
    const { code, stdout } = ncl("can", "groups", "list", "--json");
    expect({ code, said: Object.keys(JSON.parse(stdout)) }).toEqual({
      code: 0,
      said: ["effect", "ruleId", "reason"],
    });
  });

  test("shows the flags of a verb with --help, and does not run it", slow, () => {
    const before = ncl("groups", "list", "--json").stdout;
    const { code, stdout } = ncl("groups", "create", "--name", "Eve", "--folder", "eve", "--help");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("--folder") as unknown });
    expect(ncl("groups", "list", "--json").stdout).toBe(before);
  });

  test.for([{ words: ["help"] }, { words: ["groups", "help"] }, { words: ["groups", "--help"] }])(
    "print the host's help for $words",
    slow,
    ({ words }) =>
      expect(ncl(...words)).toMatchObject({ code: 0, stdout: expect.stringContaining("create") as unknown }),
  );

  test("completes the host's commands and flags", slow, () => {
    expect(ncl("completion", "words", "--").stdout.split("\n")).toEqual(
      expect.arrayContaining(["groups", "help", "can"]),
    );
    expect(ncl("completion", "words", "--", "groups").stdout.split("\n")).toEqual(
      expect.arrayContaining(["create", "config"]),
    );
    const flags = ncl("completion", "words", "--", "groups", "create").stdout.split("\n");
    expect(flags).toEqual(expect.arrayContaining(["--name", "--folder"]));
    const script =
      'source <(ncl completion bash); COMP_WORDS=(ncl gr); COMP_CWORD=1; _ncl; echo "${COMPREPLY[@]}"';
    expect(runShell(host, script)).toEqual({ code: 0, stdout: "groups\n", stderr: "" });
  });

  describe("the completion of bash", () => {
    /** Returns the candidates in COMPREPLY for a line, split into words as bash does it. */
    const tab = (line: string): readonly string[] => {
      const words = line.split(/(?<!\\) +|(?<=[:=])|(?=[:=])/);
      const script = `source <(ncl completion bash)
        COMP_LINE=$1; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _ncl; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = runShell(host, script, [line, ...words]);
      expect(stderr).toBe("");
      return stdout.split("\n").filter((word) => word !== "");
    };
    let research = "";
    beforeAll(() => {
      research = data<{ id: string }>("groups", "create", "--name", "My Research", "--folder", "re").id;
      for (const [name, folder] of [
        ["--force", "dash"],
        ['O\'Brien "co"', "quotes"],
        ["Twin", "twin1"],
        ["Twin", "twin2"],
      ] as const)
        data("groups", "create", `--name=${name}`, "--folder", folder);
      for (const id of ["telegram:60", "telegram:61", "signal:+60"]) data("users", "create", "--id", id);
    });

    test("offers ids, and unique names in shell quotes", slow, () => {
      const offered = tab("ncl groups get ");
      expect(offered).toEqual(expect.arrayContaining([research, "My\\ Research", 'O\\\'Brien\\ \\"co\\"']));
      expect(offered.filter((word) => word === "Twin" || word.startsWith("-"))).toEqual([]);
    });

    test.for([
      { line: "ncl groups get My", offers: ["My\\ Research"] },
      { line: "ncl groups get My\\ R", offers: ["My\\ Research"] },
      { line: "ncl groups config get My", offers: ["My\\ Research"] },
      { line: "ncl groups config update x --cli-scope g", offers: ["group", "global"] },
      { line: "ncl groups config update x --cli-scope=g", offers: ["group", "global"] },
      { line: "ncl members add --group My", offers: ["My\\ Research"] },
      { line: "ncl members add --group=My", offers: ["My\\ Research"] },
      { line: "ncl users get tele", offers: ["telegram:61", "telegram:60"] },
      { line: "ncl users get telegram:", offers: ["61", "60"] },
      { line: "ncl members add --user=telegram:60", offers: ["60"] },
      { line: "ncl can groups del", offers: ["delete"] },
      { line: "ncl can groups get --as-group My", offers: ["My\\ Research"] },
      { line: "ncl groups get --js", offers: ["--json"] },
      { line: "ncl groups get nobody", offers: [] },
      { line: "ncl --data /proc/nowhere groups get ", offers: [] },
    ])("offers $offers for `$line`", slow, ({ line, offers }) => expect(tab(line)).toEqual(offers));

    test("offers a name that the host accepts", slow, () => {
      const [name = ""] = tab("ncl groups get My");
      const { stdout } = runShell(host, `ncl groups get ${name} --json`);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { id: research } });
    });
  });
});

describe("the host", () => {
  test.for([
    { what: "a verb that does not exist", args: ["groups", "fly"], code: "unknown-command" },
    { what: "a resource that does not exist", args: ["gropus", "list"], code: "unknown-command" },
    {
      what: "a flag that every object has",
      args: ["groups", "list", "--__proto__", "x"],
      code: "invalid-args",
    },
    { what: "a verb that every object has", args: ["groups", "constructor"], code: "unknown-command" },
    { what: "an endless number", args: ["groups", "list", "--limit", "1e999"], code: "invalid-args" },
    { what: "a flag that does not exist", args: ["groups", "list", "--colour", "red"], code: "invalid-args" },
    {
      what: "a flag without its value",
      args: ["groups", "create", "--folder", "x", "--name"],
      code: "invalid-args",
    },
    { what: "a missing flag", args: ["groups", "create", "--name", "x"], code: "invalid-args" },
    { what: "a wrong type", args: ["groups", "list", "--limit", "many"], code: "invalid-args" },
    { what: "--limit -1", args: ["groups", "list", "--limit", "-1"], code: "invalid-args" },
    { what: "--limit=-1", args: ["groups", "list", "--limit=-1"], code: "invalid-args" },
    {
      what: "a flag given twice",
      args: ["groups", "create", "--name", "a", "--name", "b", "--folder", "x"],
      code: "invalid-args",
    },
    {
      what: "a flag in two spellings",
      args: ["users", "create", "--id", "a:b", "--kind", "a", "--display-name", "x", "--display_name", "y"],
      code: "invalid-args",
    },
    {
      what: "a control character",
      args: ["groups", "create", "--name", "a\u0007b", "--folder", "x"],
      code: "invalid-args",
    },
    {
      what: "a traversing folder",
      args: ["groups", "create", "--name", "a", "--folder", "../x"],
      code: "invalid-args",
    },
    { what: "an unknown id", args: ["groups", "get", "ag-nobody"], code: "not-found" },
    {
      what: "a value of 100 KB",
      args: ["groups", "create", "--folder", "x", "--name", "x".repeat(100_000)],
      code: "invalid-args",
    },
  ])(
    "answers $code to $what, and ncl exits with 2 for usage errors and 1 for others",
    slow,
    ({ args, code }) => {
      const expected = ["unknown-command", "invalid-args"].includes(code) ? 2 : 1;
      const { stdout, code: exit } = ncl(...args, "--json");
      expect({ exit, frame: JSON.parse(stdout) }).toMatchObject({
        exit: expected,
        frame: { ok: false, error: { code } },
      });
      expect(ncl(...args)).toMatchObject({
        code: expected,
        stdout: "",
        stderr: expect.stringContaining(`(${code})`) as unknown,
      });
      expectAlive();
    },
  );

  test("refuses arguments that are not UTF-8, and keeps running", slow, () => {
    const { code, stdout } = runShell(host, `ncl groups get "$(printf 'ag-\\377\\376')" --json`);
    expect({ code, frame: JSON.parse(stdout) }).toMatchObject({ code: 1, frame: { ok: false } });
    expectAlive();
  });

  test("answers transport-error to a frame above the limit, and ncl exits with 2", slow, () => {
    const long = Array.from({ length: 12 }, (_, index) => [`--f${index}`, "x".repeat(100_000)]).flat();
    const { code, stdout } = ncl("groups", "list", ...long, "--json");
    expect({ code, frame: JSON.parse(stdout) }).toMatchObject({
      code: 2,
      frame: { ok: false, error: { code: "transport-error" } },
    });
    expectAlive();
  });

  type Raw = { what: string; bytes: string | Uint8Array; answer: unknown };
  const error = (code: string): unknown => ({ ok: false, error: { code } });
  const raws: readonly Raw[] = [
    { what: "10 MB", bytes: `{"id":"${"x".repeat(10 * 2 ** 20)}"}\n`, answer: error("transport-error") },
    { what: "half a frame", bytes: '{"id":"1","command":"groups-', answer: error("transport-error") },
    {
      what: "bytes that are not UTF-8",
      bytes: Uint8Array.of(0x22, 0xc3, 0x28, 0x22, 0x0a),
      answer: error("transport-error"),
    },
    { what: "a NUL byte", bytes: '{"id":"1\0"}\n', answer: error("transport-error") },
    {
      what: "an escaped NUL in a value",
      bytes: '{"id":"1","command":"groups-get","args":{"id":"a\\u0000"}}\n',
      answer: error("invalid-args"),
    },
    {
      what: "an escaped NUL in the command",
      bytes: '{"id":"1","command":"groups\\u0000list"}\n',
      answer: error("invalid-args"),
    },
    { what: "a frame that is not an object", bytes: "[]\n", answer: error("invalid-args") },
    {
      what: "arguments that are not an object",
      bytes: '{"id":"1","command":"groups-list","args":[]}\n',
      answer: error("invalid-args"),
    },
    {
      what: "deep nesting in a value",
      bytes: `{"id":"1","command":"groups-get","args":{"id":${"[".repeat(40)}${"]".repeat(40)}}}\n`,
      answer: error("invalid-args"),
    },
    {
      what: "a key of the prototype",
      bytes: '{"id":"1","command":"groups-list","args":{"__proto__":{"x":1}}}\n',
      answer: error("invalid-args"),
    },
  ];
  test.for(raws)("answers with an error to $what on the socket", slow, async ({ bytes, answer }) => {
    const text = await new Promise<string>((resolve, reject) => {
      let heard = "";
      const socket = connect(host.socket);
      socket.setEncoding("utf8").on("data", (part: string) => (heard += part));
      socket.on("end", () => resolve(heard));
      socket.on("error", reject);
      socket.end(bytes);
    });
    expect(JSON.parse(text)).toMatchObject(answer as object);
    expectAlive();
  });
});

describe("ncl", () => {
  test("exits with 0 for a pipe without a reader", slow, () => {
    const { stdout, stderr } = runShell(host, 'ncl help | true; echo "${PIPESTATUS[0]}"');
    expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
  });

  test("exits with 0 for a closed stdout", slow, () => {
    expect(runShell(host, "ncl groups list >&-")).toMatchObject({ code: 0, stderr: "" });
  });

  test("exits with 2 for a full disk, and prints an error", slow, () => {
    expect(runShell(host, "ncl groups list >/dev/full")).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: The answer could not be written: no space left on the device.\n",
    });
  });

  test("waits for a slow reader of a pipe that does not block", slow, () => {
    for (const name of ["a", "b", "c", "d"])
      data("users", "create", "--id", `t:${name}`, "--kind", "t", "--display-name", "x".repeat(60_000));
    const whole = ncl("users", "list", "--json").stdout;
    expect(whole.length).toBeGreaterThan(200_000);
    // Another program has set the shared pipe to non-blocking, as Node does. A write to a full pipe then fails with EAGAIN.
    const other = 'process.stdout; fs.writeFileSync(process.argv[1], ""); setTimeout(() => {}, 60_000)';
    const script = `
      { node -e '${other}' "$HOME/set" >&3 & until [ -e "$HOME/set" ]; do sleep 0.02; done
        ncl users list --json >&3; echo $? >"$HOME/exit"; kill $!; } 3>&1 | { sleep 0.5; cat; }
      exit "$(cat "$HOME/exit")"`;
    expect(runShell(host, script)).toEqual({ code: 0, stdout: whole, stderr: "" });
  });
});
