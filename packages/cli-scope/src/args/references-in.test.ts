import { expect, test } from "vitest";
import type { Flag } from "../commands/command.ts";
import { namedIn } from "./references-in.ts";

const flags: readonly Flag[] = [
  { name: "kind", type: "string", description: "What it is.", values: ["agent", "channel"] },
  {
    name: "to",
    type: "string",
    description: "Where to.",
    names: [
      { what: "group", where: { kind: "agent" } },
      { what: "chat", where: { kind: "channel" } },
    ],
  },
  { name: "beside", type: "string", description: "Who else.", names: [{ what: "group" }] },
];

test.each([
  { args: { kind: "agent", to: "x" }, named: [{ what: "group", id: "x" }] },
  { args: { kind: "channel", to: "x" }, named: [{ what: "chat", id: "x" }] },
  { args: { beside: "y" }, named: [{ what: "group", id: "y" }] },
  {
    args: { kind: "agent", to: "x", beside: "y" },
    named: [
      { what: "group", id: "x" },
      { what: "group", id: "y" },
    ],
  },
  { args: { kind: "user", to: "x" }, named: [] },
  { args: { to: "x" }, named: [] },
  { args: { kind: "agent" }, named: [] },
  { args: { kind: "agent", to: true }, named: [] },
])("namedIn finds $named in $args", ({ args, named }) => expect(namedIn({ flags }, args)).toEqual(named));
