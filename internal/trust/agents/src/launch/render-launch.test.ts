import { plainPaint } from "@gatehouse/cli-kit";
import { expect, test, describe } from "vitest";
import { withFlags } from "@gatehouse/trust-cli";
import type { MemberReport } from "@trust/team-launch";
import { renderLaunch, withCommand, withCommands } from "./render-launch.ts";

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

const member = { member: "ana", provider: "claude", folder: "/my repo" } as const;
const asked = { ...member, provider: "kimi" } as const;
const fix = "Pass `consents` mcp=use|refuse.";

describe("the fix of a launch's failure", () => {
  test.for([
    {
      code: "runs-as-it-was",
      about: { team: "shop", member },
      is: "gatehouse stop shop/ana, and launch again",
    },
    {
      code: "member-runs-elsewhere",
      about: { team: "shop", member },
      is: "gatehouse stop shop/ana, and launch again",
    },
    {
      code: "waiting",
      about: { team: "shop" },
      is: "gatehouse ps --waiting, then gatehouse answer or attach",
    },
    {
      code: "cancelled",
      about: { team: "shop" },
      is: "gatehouse ps shows them; gatehouse stop shop ends them",
    },
    {
      code: "workspace_trust_required",
      about: { team: "shop", member },
      is: "workspace-trust '/my repo', then launch again",
    },
    {
      code: "workspace_trust_required",
      about: { team: "shop", member: { ...member, provider: "codex" as const } },
      is: "workspace-trust '/my repo' --provider codex --persist, then launch again",
    },
    {
      code: "consent-needed",
      about: { team: "shop", member: asked },
      is: "workspace-trust '/my repo' --provider kimi --persist, then launch again",
    },
  ])("is $is for $code", ({ code, about, is }) => {
    expect(withCommand({ code, fix }, about).fix).toBe(is);
  });

  test.for([
    { what: "a consent that a flag gives", code: "consent-needed", about: { team: "shop", member } },
    { what: "a failure of no member", code: "runs-as-it-was", about: { team: "shop" } },
    { what: "any other code", code: "cli-exited", about: { team: "shop", member } },
  ])("is the library's fix, with the flags of launch, for $what", ({ code, about }) => {
    expect(withCommand({ code, fix }, about).fix).toBe(withFlags(fix));
  });

  test("is missing if the library has none", () => {
    expect(withCommand({ code: "waiting" }, { team: "shop" })).toEqual({ code: "waiting" });
  });
});

test("withCommands changes the fixes of a report's members, warnings and error", () => {
  const warning = { code: "runs-as-it-was", message: "It keeps running.", fix: "stop shop/ana" };
  const bo: MemberReport = { ...asked, member: "bo", state: "blocked", code: "consent-needed", fix };
  const told = withCommands({
    ok: false,
    launch: { id: "1", team: "shop", state: "blocked" },
    members: [{ ...member, state: "ready", warning }, bo],
    error: { code: "consent-needed", message: "It asks.", fix },
  });
  const persist = { fix: "workspace-trust '/my repo' --provider kimi --persist, then launch again" };
  const stop = { fix: "gatehouse stop shop/ana, and launch again" };
  expect(told).toMatchObject({ members: [{ warning: stop }, persist], error: persist });
});
