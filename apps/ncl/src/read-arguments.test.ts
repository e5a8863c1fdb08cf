import { describe, expect, test } from "vitest";
import { asksForJson, readArguments } from "./read-arguments.ts";

const home = (): string => "/home/ada";
const read = (line: string, env: Record<string, string> = {}) => readArguments(line.split(" "), env, home);

describe("readArguments", () => {
  test.for([
    { line: "groups list", env: {}, socket: "/home/ada/.gatehouse/ncl.sock" },
    { line: "groups list", env: { HOME: "/root" }, socket: "/root/.gatehouse/ncl.sock" },
    { line: "groups list", env: { GATEHOUSE_DATA: "/data" }, socket: "/data/ncl.sock" },
    { line: "groups list", env: { GATEHOUSE_DATA: "" }, socket: "/home/ada/.gatehouse/ncl.sock" },
    { line: "groups list --data /d", env: { GATEHOUSE_DATA: "/data" }, socket: "/d/ncl.sock" },
    { line: "groups --socket /s list --data /d", env: {}, socket: "/s" },
    { line: "groups list --socket s", env: {}, socket: `${process.cwd()}/s` },
  ])("finds the socket $socket for `$line` with $env", ({ line, env, socket }) =>
    expect(read(line, env as Record<string, string>)).toMatchObject({ ok: true, value: { socket } }),
  );

  test.for([
    { line: "groups list --limit -1", command: "groups-list", args: { limit: "-1" } },
    { line: "groups get ag-1 --name", command: "groups-get-ag-1", args: { name: true } },
    { line: "groups update x --name a --name b", command: "groups-update-x", args: { name: ["a", "b"] } },
  ])("does not check a command and its flags: $line", ({ line, command, args }) =>
    expect(read(line)).toMatchObject({ ok: true, value: { command, args, wants: "answer" } }),
  );

  test.for([
    { line: "groups create --name x --help", wants: "help" },
    { line: "groups create --name --help", wants: "help" },
    { line: "-h", wants: "help" },
    { line: "--version", wants: "version" },
    { line: "groups get -- --help", wants: "answer" },
  ])("reads that a line asks for $wants: $line", ({ line, wants }) =>
    expect(read(line)).toMatchObject({ ok: true, value: { wants } }),
  );

  test.for([
    { line: "a -x", says: /-x/ },
    { line: "a --socket", says: /--socket needs a value/ },
    { line: "a --socket=", says: /empty/ },
    { line: "a --data=", says: /empty/ },
    { line: "a --json=yes", says: /takes no value/ },
    { line: "a --data x --data y", says: /twice/ },
    { line: "a --timeout 0", says: /above 0/ },
    { line: "a --timeout -1", says: /above 0/ },
    { line: "a --timeout soon", says: /above 0/ },
    { line: "a --timeout 1e9", says: /--timeout/ },
    // A timer of 2^31 ms would fire at once.
    { line: "a --timeout 2147483.648", says: /--timeout/ },
  ])("refuses `$line`", ({ line, says }) => {
    const result = read(line);
    expect(result.ok ? "" : result.error).toMatch(says);
  });
});

test.for([
  { argv: ["a", "--json"], asks: true },
  { argv: ["a", "-x", "--json"], asks: true },
  { argv: ["a"], asks: false },
  { argv: ["a", "--", "--json"], asks: false },
])("asksForJson($argv) is $asks", ({ argv, asks }) => expect(asksForJson(argv)).toBe(asks));
