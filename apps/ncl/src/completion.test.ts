import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { candidates, completionScript, wordsBefore } from "./completion.ts";

describe("candidates", () => {
  const overview = {
    resources: [{ resource: "groups", verbs: ["list"] }],
    commands: [{ command: "help" }, { command: "can" }],
  };
  const list = {
    about: "groups",
    commands: [
      { command: "groups list" },
      { command: "groups config get" },
      { command: "groups config update" },
    ],
  };
  const below = { about: "groups config", commands: list.commands.slice(1) };
  const command = { command: "groups list", flags: [{ flag: "--limit" }, { flag: "--name" }] };
  test.for([
    { what: "all resources and commands", help: overview, before: [], next: ["groups", "help", "can"] },
    { what: "the verbs of a resource, once each", help: list, before: ["groups"], next: ["list", "config"] },
    { what: "words below", help: below, before: ["groups", "config"], next: ["get", "update"] },
    { what: "a command's flags", help: command, before: ["groups", "list"], next: ["--limit", "--name"] },
    { what: "nothing of what is no help", help: "text", before: [], next: [] },
    { what: "nothing of nothing", help: null, before: [], next: [] },
  ])("are $what", ({ help, before, next }) => {
    expect(candidates(help, before)).toEqual(next);
  });

  test("are asked for by the words before the first flag", () => {
    expect(wordsBefore(["groups", "list", "--limit", "3"])).toEqual(["groups", "list"]);
    expect(wordsBefore(["groups"])).toEqual(["groups"]);
  });
});

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).error === undefined;

describe("the script", () => {
  test.for(["bash", "zsh", "fish"] as const)("for %s is one that the shell reads", (shell, { skip }) => {
    skip(!has(shell), `${shell} is not installed`);
    const { status, stderr } = spawnSync(shell, ["-n"], { input: completionScript[shell], encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
