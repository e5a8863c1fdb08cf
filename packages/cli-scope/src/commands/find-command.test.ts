import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCommand } from "./find-command.ts";

const commands = [
  { words: "help", positional: "words" },
  { words: "groups list" },
  { words: "groups get", positional: "id" },
  { words: "groups config get", positional: "id" },
  { words: "groups config update", positional: "id" },
  { words: "groups config add-mcp-server", positional: "id" },
  { words: "messaging-groups get", positional: "id" },
  { words: "users get", positional: "id" },
];

describe("findCommand", () => {
  test.each([
    { name: "groups-list", words: "groups list", rest: null },
    { name: "groups-get", words: "groups get", rest: null },
    { name: "groups-get-abc123", words: "groups get", rest: "abc123" },
    { name: "groups-get-ag-0b2c-4d5e", words: "groups get", rest: "ag-0b2c-4d5e" },
    { name: "groups-get-config-get", words: "groups get", rest: "config-get" },
    { name: "groups-config-get", words: "groups config get", rest: null },
    { name: "groups-config-get-ag-1", words: "groups config get", rest: "ag-1" },
    { name: "groups-config-add-mcp-server-ag-1", words: "groups config add-mcp-server", rest: "ag-1" },
    { name: "messaging-groups-get-mg-1", words: "messaging-groups get", rest: "mg-1" },
    { name: "users-get-telegram:123", words: "users get", rest: "telegram:123" },
    { name: "users-get-telegram:-100-5", words: "users get", rest: "telegram:-100-5" },
    { name: "users-get--1", words: "users get", rest: "-1" },
    { name: "groups-get-UPPER Case", words: "groups get", rest: "UPPER Case" },
    { name: "help-groups-config", words: "help", rest: "groups-config" },
  ])("reads $name as $words and $rest", ({ name, words, rest }) => {
    expect(findCommand(commands, name)).toMatchObject({ ok: true, value: { command: { words }, rest } });
  });

  test.each([
    { name: "groups", near: "groups help" },
    { name: "groups-frobnicate-ag-1", near: "groups help" },
    { name: "groups-config", near: "groups config help" },
    { name: "messaging-groups", near: "messaging-groups help" },
    { name: "messaging", near: null },
    { name: "groups-get-", near: "groups get" },
    { name: "groupsget", near: "groups get" },
    { name: "groups-gte", near: "groups get" },
    { name: "groups-gte-ag-0b2c", near: "groups get" },
    { name: "Groups-list", near: "groups list" },
    { name: "group-config-updat-ag-1", near: "groups config update" },
    { name: "grps-lst", near: null },
    { name: "", near: null },
    { name: "constructor", near: null },
  ])("does not know $name, and suggests $near", ({ name, near }) => {
    expect(findCommand(commands, name)).toEqual({
      ok: false,
      error: { code: "command-unknown", name, near },
    });
  });

  test.each([
    { order: "short before long", words: ["config", "config get", "config get all"] },
    { order: "long before short", words: ["config get all", "config get", "config"] },
  ])("chooses the longest match, $order", ({ words }) => {
    const nested = words.map((each) => ({ words: each, positional: "id" }));
    const found = (name: string): unknown => {
      const result = findCommand(nested, name);
      return result.ok ? [result.value.command.words, result.value.rest] : result.error.code;
    };
    expect(found("config-get-all-1")).toEqual(["config get all", "1"]);
    expect(found("config-get-1")).toEqual(["config get", "1"]);
    expect(found("config-getall")).toEqual(["config", "getall"]);
  });

  test("refuses a word after a command that takes no id", () => {
    const error = { code: "word-unexpected", command: "groups list", word: "ag-1" };
    expect(findCommand(commands, "groups-list-ag-1")).toEqual({ ok: false, error });
  });

  test("returns any id that is typed after the words", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...commands.filter(({ positional }) => positional)),
        fc.string({ minLength: 1 }),
        ({ words }, id) => {
          const found = findCommand([{ words, positional: "id" }], `${words.replaceAll(" ", "-")}-${id}`);
          expect(found).toMatchObject({ ok: true, value: { command: { words }, rest: id } });
        },
      ),
    );
  });
});
