import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainArgv, parseArgv } from "./argv.ts";

const client = { switches: ["json", "help"], values: ["socket", "data"] };

describe("parseArgv", () => {
  test.each([
    { line: "", command: "", args: {} },
    { line: "groups list", command: "groups-list", args: {} },
    { line: "groups config get ag-1", command: "groups-config-get-ag-1", args: {} },
    { line: "users get telegram:123", command: "users-get-telegram:123", args: {} },
    { line: "a --k v", command: "a", args: { k: "v" } },
    { line: "a --k=v", command: "a", args: { k: "v" } },
    { line: "a --k=v=w", command: "a", args: { k: "v=w" } },
    { line: "a --k=", command: "a", args: { k: "" } },
    { line: "a --k=--v", command: "a", args: { k: "--v" } },
    { line: "a --rebuild", command: "a", args: { rebuild: true } },
    { line: "a --rebuild --k v", command: "a", args: { rebuild: true, k: "v" } },
    { line: "a --k v b", command: "a-b", args: { k: "v" } },
    { line: "a --limit -1", command: "a", args: { limit: "-1" } },
    { line: "a --k -h", command: "a", args: { k: "-h" } },
    { line: "a -1", command: "a--1", args: {} },
    { line: "a -", command: "a--", args: {} },
    { line: "a --k 1 --k 2 --k 3", command: "a", args: { k: ["1", "2", "3"] } },
    { line: "a --k --k 2", command: "a", args: { k: ["true", "2"] } },
    { line: "a --k 1 --K 2", command: "a", args: { k: "1", K: "2" } },
    { line: "a -- --k -x", command: "a---k--x", args: {} },
    { line: "a --k -- b", command: "a-b", args: { k: true } },
  ])("reads $line", ({ line, command, args }) => {
    const argv = line === "" ? [] : line.split(" ");
    expect(parseArgv(argv, client)).toEqual({ ok: true, value: { command, args, options: {} } });
  });

  test.each([
    { line: "--json groups list", options: { json: true } },
    { line: "groups --socket /s list --json", options: { socket: "/s", json: true } },
    { line: "groups list --data=/d -h", options: { data: "/d", help: true } },
  ])("separates the client's own flags: $line", ({ line, options }) => {
    const value = { command: "groups-list", args: {}, options };
    expect(parseArgv(line.split(" "), client)).toEqual({ ok: true, value });
  });

  test("recognises the client's own flags only in their exact spelling", () => {
    const read = parseArgv(["a", "--Socket", "/s", "--JSON"], client);
    expect(read).toMatchObject({ value: { args: { Socket: "/s", JSON: true }, options: {} } });
  });

  test("keeps --__proto__ as a flag like any other, for the host to refuse", () => {
    const read = parseArgv(["a", "--__proto__", "x"]);
    expect(read.ok && Object.keys(read.value.args)).toEqual(["__proto__"]);
  });

  test.each([
    { line: "a -x", problem: { code: "short-flag", flag: "-x" } },
    { line: "a --=v", problem: { code: "flag-without-name", flag: "--=v" } },
    { line: "a --socket", problem: { code: "value-missing", flag: "socket" } },
    { line: "a --socket --json", problem: { code: "value-missing", flag: "socket" } },
    { line: "a --json=yes", problem: { code: "value-unexpected", flag: "json" } },
    { line: "a --data x --data y", problem: { code: "flag-repeated", flag: "data" } },
  ])("refuses $line", ({ line, problem }) => {
    const read = parseArgv(line.split(" "), client);
    expect(read).toEqual({ ok: false, error: problem });
    expect(read.ok || explainArgv(read.error)).toContain(problem.flag);
  });

  test("returns every flag and word", () => {
    const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z_-]{0,8}$/);
    const words = fc.array(fc.stringMatching(/^[a-z0-9:]{1,8}$/));
    const flags = fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([key]) => key });
    fc.assert(
      fc.property(words, flags, (given, pairs) => {
        const argv = [...given, ...pairs.map(([key, value]) => `--${key}=${value}`)];
        const value = { command: given.join("-"), args: Object.fromEntries(pairs), options: {} };
        expect(parseArgv(argv)).toEqual({ ok: true, value });
      }),
    );
  });
});
