import { describe, expect, test } from "vitest";
import { healthPage, type DoctorResult, type HealthAnswers, type StatusRow } from "./health.ts";

const at = "2026-11-20T08:00:00.000Z";
const none = { count: 0, oldest: null };
const status = {
  groups: 1,
  sessions: { running: 0, stopped: 1, closed: 0 },
  approvals: none,
  questions: none,
  intents: none,
  localMessages: none,
};
const disk = { name: "disk", text: "1 GB free", isWrong: false };

type Check = DoctorResult["checks"][number];
const check = (name: string, state: Check["state"]): Check => ({ name, state, message: "m", fix: null });
const doctor = (...checks: readonly Check[]): DoctorResult => ({ at, ok: true, verdict: "Ready.", checks });

const page = (over: Partial<HealthAnswers>): string =>
  String(healthPage({ status, rows: [disk], doctor: doctor(check("cli", "ok")), ...over }, signedIn));
const signedIn = { userId: null, formToken: "t" };

/** The line below the title, without its tags. */
const verdict = (over: Partial<HealthAnswers>): string =>
  (/<\/h1>\s*<p>([^]*?)<\/p>/.exec(page(over))?.[1] ?? "")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();

const wrong = (name: string): StatusRow => ({ name, text: "no", isWrong: true });

describe("the verdict of the page of health", () => {
  test.each<{ what: string; over: Partial<HealthAnswers>; says: string }>([
    { what: "nothing", over: {}, says: "Fine Everything works." },
    {
      what: "no result of the checks",
      over: { doctor: null },
      says: "Fine Everything works. The checks were not run since the host started.",
    },
    {
      what: "a warning",
      over: { doctor: doctor(check("sign-in", "warn")) },
      says: "Fine Everything works, with 1 warning.",
    },
    {
      what: "a request that waits",
      over: { status: { ...status, approvals: { count: 1, oldest: at } } },
      says: "Waits What needs you: 1 request.",
    },
    {
      what: "acts that wait for the host alone",
      over: { status: { ...status, intents: { count: 3, oldest: at } } },
      says: "Fine Everything works.",
    },
    {
      what: "all kinds, each once",
      over: {
        status: { ...status, approvals: { count: 2, oldest: at }, questions: { count: 1, oldest: at } },
        rows: [disk, wrong("backup"), wrong("waits"), wrong("waits")],
        doctor: doctor(check("cli", "fail"), check("backup", "fail"), check("network", "warn")),
      },
      says: "Wrong What needs you: 3 requests, backup, waits, cli.",
    },
  ])("with $what", ({ over, says }) => {
    expect(verdict(over)).toBe(says);
  });
});

test.each([
  {
    text: `away since ${at}; start it`,
    shows: /away <time class="since" datetime="2[^>]*>since 2026-11-20 08:00 UTC<\/time>; start it/,
  },
  {
    text: `closed: full, at ${at}`,
    shows: /closed: full, <time datetime="2[^>]*>2026-11-20 08:00 UTC<\/time>/,
  },
  { text: "each 1d to /srv/2026-11-20", shows: /<dd>each 1d to \/srv\/2026-11-20<\/dd>/ },
  { text: "<b>no", shows: /<dd>&lt;b&gt;no<\/dd>/ },
])("a row of the host has its times as the rest of the pages: $text", ({ text, shows }) => {
  expect(page({ rows: [{ name: "host", text, isWrong: false }] })).toMatch(shows);
});
