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

test("a fix that no member says is said of the launch, and its reason once", () =>
  expect(rendered({ message: error.message })).toBe(
    [
      "ended     ana  claude  /a  no-connection",
      "    It has ended with 1.",
      "waiting   shop  20261122-100000-0001",
      "    fix: Connect this machine.",
      "",
    ].join("\n"),
  ));

test("a fix that a member says is not said again", () =>
  expect(rendered({ message: error.message, fix: error.fix }).match(/fix:/g)).toHaveLength(1));

test("a failure with a heading has it above the provider's own words, and below them what preflight knows", () => {
  const failure = {
    title: "Workspace trust required",
    message: "It is not\ntrusted.",
    preflight: "It hung.",
  };
  expect(rendered(failure)).toContain(
    "\n    Workspace trust required\n    It is not\n    trusted.\n    Preflight: It hung.\n",
  );
});
