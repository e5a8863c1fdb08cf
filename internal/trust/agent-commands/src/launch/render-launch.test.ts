import { plainPaint } from "@gatehouse/cli-kit";
import { expect, test } from "vitest";
import { renderLaunch } from "./render-launch.ts";

const launch = { id: "20261122-100000-0001", team: "shop", state: "waiting" } as const;
const ana = {
  member: "ana",
  provider: "claude",
  folder: "/a",
  state: "ended",
  code: "no-connection",
} as const;
const error = { code: "no-connection", message: "It has ended with 1.", fix: "Connect this machine." };
const rendered = (member: object) =>
  renderLaunch({ ok: false, launch, members: [{ ...ana, ...member }], error }, plainPaint);

test("renderLaunch prints a fix without a member below the launch, and its reason once", () =>
  expect(rendered({ message: error.message })).toBe(
    [
      "ended     ana  claude  /a  no-connection",
      "    It has ended with 1.",
      "waiting   shop  20261122-100000-0001",
      "    fix: Connect this machine.",
      "",
    ].join("\n"),
  ));

test("renderLaunch does not repeat a member's fix", () =>
  expect(rendered({ message: error.message, fix: error.fix }).match(/fix:/g)).toHaveLength(1));

test("renderLaunch prints a failure's heading, then the provider's own words, then preflight's message", () => {
  const failure = {
    title: "Workspace trust required",
    message: "It is not\ntrusted.",
    preflight: "It hung.",
  };
  expect(rendered(failure)).toContain(
    "\n    Workspace trust required\n    It is not\n    trusted.\n    Preflight: It hung.\n",
  );
});
