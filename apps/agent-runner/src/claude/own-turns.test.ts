import { describe, expect, test } from "vitest";
import type { OwnTurn } from "../provider.ts";
import type { ClaudeFrame } from "./frames.ts";
import { followOwnTurns } from "./own-turns.ts";

const begun = { type: "begun", servers: [] } as const;
const said = (messageId: string) => ({ type: "said", messageId, text: "x" }) as const;
const own = (text: string, isError = false) => ({ type: "own-turn", id: "u", text, isError }) as const;
const answer = { type: "result", prompts: ["p"], isError: false, text: "hi", status: null } as const;

const follow = (...frames: readonly (ClaudeFrame | "ignore")[]) => {
  const reported: OwnTurn[] = [];
  const turns = followOwnTurns((turn) => reported.push(turn));
  for (const frame of frames)
    if (frame === "ignore") turns.ignore();
    else turns.hear(frame);
  return { reported, isInTurn: turns.isInTurn() };
};

describe("followOwnTurns", () => {
  test.each([
    {
      name: "reports a turn under the id of its last message",
      frames: [begun, said("m-1"), said("m-2"), own("it ran")],
      reported: [{ id: "m-2", text: "it ran", hasFailed: false }],
    },
    {
      name: "reports a failure, under its own id if the model said nothing",
      frames: [begun, own("API Error: 402", true)],
      reported: [{ id: "u", text: "API Error: 402", hasFailed: true }],
    },
    { name: "does not report the turn of a prompt", frames: [begun, said("m-1"), answer], reported: [] },
    {
      name: "does not take the id of an earlier turn",
      frames: [begun, said("m-1"), answer, begun, own("it ran")],
      reported: [{ id: "u", text: "it ran", hasFailed: false }],
    },
    { name: "does not report a turn without a text", frames: [begun, own(" ")], reported: [] },
    {
      name: "does not report a turn that a person ended, and reports the next one",
      frames: [begun, "ignore", own("[diagnostic]", true), begun, said("m-3"), own("more")],
      reported: [{ id: "m-3", text: "more", hasFailed: false }],
    },
    {
      name: "reports a turn after the end of a prompt's turn that a person ended",
      frames: [begun, "ignore", answer, begun, said("m-3"), own("more")],
      reported: [{ id: "m-3", text: "more", hasFailed: false }],
    },
  ] as const)("$name", ({ frames, reported }) => expect(follow(...frames).reported).toEqual(reported));

  test("knows whether a turn is running", () => {
    expect(follow().isInTurn).toBe(false);
    expect(follow(begun, said("m-1")).isInTurn).toBe(true);
    expect(follow(begun, own("it ran")).isInTurn).toBe(false);
    expect(follow(begun, answer).isInTurn).toBe(false);
  });
});
