import { driveDialogs, type RulePack } from "@trust/dialog-engine";
import { createFakeTui, createManualClock, type FakeScreen } from "@trust/dialog-engine/testing";

const pack: RulePack = {
  provider: "acme",
  deadWindowMs: 100,
  readyStandsMs: 500,
  rules: [
    {
      type: "select",
      id: "acme/trust",
      kind: "trust",
      commits: true,
      title: "Do you trust this workspace?",
      body: ["{folder}", { maybe: ["It brings {count} commands of its own."] }],
      footer: ["Enter to choose"],
      want: { accept: ["Trust it"] },
      never: ["Leave", "Trust everything below /"],
      memory: "retry",
      seenIn: ["1.4.0"],
      why: "Leave is preselected.",
    },
    {
      type: "ready",
      id: "acme/ready",
      anchors: [],
      status: ["? for help"],
      seenIn: ["1.4.0"],
      why: "The composer and its help line.",
    },
  ],
};

const options = ["Leave", "Trust everything below /", "Trust it"];
const question: FakeScreen = {
  id: "question",
  options,
  draw: (pointed) => [
    "Do you trust this workspace?",
    "/home/ana/shop",
    "",
    ...options.map((label, at) => `${at === pointed ? ">" : " "} ${label}`),
    "",
    "Enter to choose",
  ],
  deadWindowMs: 90,
  confirm: (option) => (option === 2 ? { show: "composer" } : { exit: 1 }),
};
const line = "─".repeat(40);
const composer: FakeScreen = { id: "composer", options: [], draw: () => [line, "> ", line, "  ? for help"] };

const clock = createManualClock();
const tui = createFakeTui([question, composer], clock);
const run = driveDialogs({
  terminal: tui.terminal,
  clock,
  pack,
  consents: { trust: "accept" },
  folder: { path: "/home/ana/shop" },
  until: "ready",
});

console.log((await clock.runUntil(run)).outcome, tui.log.confirmed);
