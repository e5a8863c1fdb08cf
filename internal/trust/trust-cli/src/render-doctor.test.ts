import { describe, expect, test } from "vitest";
import { plainPaint } from "@gatehouse/cli-kit";
import type { DoctorCheck, DoctorReport, ProviderCheck } from "./doctor-report.ts";
import { doctorVerdict, renderDoctor } from "./render-doctor.ts";

const good = (name: DoctorCheck["name"]): DoctorCheck => ({ name, ok: true, message: "is fine." });
const bad = (name: DoctorCheck["name"]): DoctorCheck => ({
  name,
  ok: false,
  message: "is not.",
  fix: "mend",
});
const codex: ProviderCheck = { provider: "codex", ok: true, needed: true, message: "is 1.0." };
const absent: ProviderCheck = { provider: "pi", ok: true, needed: false, message: "Not there. Not needed." };
const tooOld: ProviderCheck = { provider: "gemini", ok: false, needed: true, message: "is too old." };

const reportOf = (checks: readonly DoctorCheck[], providers: readonly ProviderCheck[]): DoctorReport => ({
  ok: [...checks, ...providers].every(({ ok }) => ok),
  verdict: doctorVerdict({ checks, providers, warnings: [] }),
  checks,
  providers,
  warnings: [],
});

describe("doctorVerdict", () => {
  test.for([
    {
      checks: [good("cli"), good("pty")],
      providers: [],
      verdict: "Ready to trust folders: all 2 checks passed.",
    },
    { checks: [good("cli")], providers: [codex], verdict: "Ready to trust folders: all 2 checks passed." },
    {
      checks: [good("cli"), good("pty")],
      providers: [absent],
      verdict: "Ready to trust folders: all 2 checks passed.",
    },
    { checks: [good("cli"), bad("pty")], providers: [], verdict: "Not ready: 1 of 2 checks failed (pty)." },
    { checks: [bad("cli")], providers: [tooOld], verdict: "Not ready: 2 of 2 checks failed (cli, gemini)." },
  ])("says: $verdict", ({ checks, providers, verdict }) => {
    const report = reportOf(checks, providers);
    expect(report.verdict).toBe(verdict);
    expect(renderDoctor(report, plainPaint).trimEnd().split("\n").at(-1)).toBe(verdict);
  });

  test("counts Claude Code once, although it is a check and a provider", () => {
    const claude: ProviderCheck = { ...codex, provider: "claude" };
    expect(reportOf([good("cli"), good("pty")], [claude]).verdict).toBe(
      "Ready to trust folders: all 2 checks passed.",
    );
  });
});

describe("doctor for a person", () => {
  test("names the CLIs that are not needed in one line, above the verdict", () => {
    expect(renderDoctor(reportOf([good("cli"), bad("pty")], [codex, absent]), plainPaint)).toBe(
      [
        "ok   cli        is fine.",
        "FAIL pty        is not.",
        "     fix: mend",
        "ok   codex      is 1.0.",
        "Not installed and not needed: pi (--all shows them).",
        "Not ready: 1 of 3 checks failed (pty).",
        "",
      ].join("\n"),
    );
  });

  test("shows all CLIs with --all", () => {
    const shown = renderDoctor(reportOf([good("cli")], [absent]), plainPaint, true);
    expect(shown).toContain("ok   pi         Not there. Not needed.\n");
    expect(shown).not.toContain("--all");
  });
});

test("prints a warning in its own row and in the verdict, and the report is ready", () => {
  const warning = { name: "sign-in", message: "Claude Code is not signed in.", fix: "Sign in." } as const;
  const warned = { ...reportOf([good("cli")], []), warnings: [warning] };
  const verdict = doctorVerdict(warned);
  expect(verdict).toBe("Ready to trust folders: all 1 checks passed. An agent may not start: see sign-in.");
  expect(renderDoctor({ ...warned, verdict }, plainPaint)).toContain(
    "warn sign-in    Claude Code is not signed in.\n     fix: Sign in.\n",
  );
});

test("says in the verdict that agents reach too much, apart from what keeps them from starting", () => {
  const [reach, network] = (["reach", "network"] as const).map((name) => ({ name, message: "", fix: "" }));
  const verdictOf = (...warnings: readonly (typeof reach)[]): string =>
    doctorVerdict({ ...reportOf([good("cli")], []), warnings: warnings.flatMap((one) => one ?? []) });
  expect(verdictOf(reach)).toMatch(/passed\. Agents reach more than they should: see reach\.$/);
  expect(verdictOf(reach, network)).toMatch(/ An agent may not start: see network\. Agents reach more/);
});
