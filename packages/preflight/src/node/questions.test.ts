// @module-tag rest
import { openPty } from "@trust/dialog-engine/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Question } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { makeBed, withMoreTime, type Bed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const granting = { ".claude/settings.json": JSON.stringify({ permissions: { allow: ["Bash"] } }) };
const enters = (bed: Bed): readonly unknown[] =>
  bed.log().filter(({ event, key }) => event === "key" && key === "\r");

describe("openPty", () => {
  test("is called for each pseudo terminal with the program, its folder and environment", slow, async () => {
    const bed = makeBed();
    const folder = bed.folder("plain");
    const opened: unknown[] = [];
    const { results } = await runPreflight(bed.request([folder]), {
      openPty: (options) => {
        opened.push({ file: options.file, cwd: options.cwd, HOME: options.env["HOME"] });
        return openPty(options);
      },
    });
    expect(results.map(({ code }) => code)).toEqual(["trusted"]);
    expect(opened).toEqual([{ file: bed.cli, cwd: folder, HOME: bed.home }]);
  });

  test("makes the folder fail with the caller's reason if it opens none", async () => {
    const bed = makeBed();
    const { results } = await runPreflight(bed.request([bed.folder("plain")]), {
      openPty: async () => ({ ok: false, error: { message: "no terminals here" } }),
    });
    expect(results).toMatchObject([{ code: "pty-unavailable" }]);
    expect(results[0]?.message).toContain("no terminals here");
  });
});

describe("onQuestion", () => {
  test("gets the dialog that lacks a consent, and its answer is pressed", slow, async () => {
    const bed = makeBed();
    const [plain, asks] = [bed.folder("plain"), bed.folder("asks", granting)];
    const questions: Question[] = [];
    const { results } = await runPreflight(bed.request([plain, asks]), {
      onQuestion: async (question) => {
        questions.push(question);
        return "accept";
      },
    });
    expect(questions).toMatchObject([
      {
        workspace: asks,
        provider: "claude",
        dialog: "claude/granted-permissions",
        consent: "granted-permissions",
        answers: ["accept", "refuse"],
        options: ["No, exit", "Yes, I trust this folder"],
      },
    ]);
    expect(questions[0]?.text).toContain("pre-approves 1 tool permission");
    expect(results.map(({ code }) => code)).toEqual(["trusted", "trusted"]);
    expect([...bed.trusted()].sort()).toEqual([asks, plain].sort());
  });

  const noConsents: readonly {
    what: string;
    answer: () => Promise<string | null>;
    diagnostics?: string[];
  }[] = [
    { what: "null", answer: async () => null },
    { what: "an answer of another consent", answer: async () => "use" },
    { what: "the label of an option", answer: async () => "Yes, I trust this folder" },
    {
      what: "a rejection",
      answer: () => Promise.reject(new Error("no sk-ant-api03-abcdefghijklmnop")),
      diagnostics: [`onQuestion failed: Error: no ${"*".repeat(29)}`],
    },
    {
      what: "an exception",
      answer: () => {
        throw new Error("no person is here");
      },
      diagnostics: ["onQuestion failed: Error: no person is here"],
    },
  ];
  test.each(noConsents)("gives no consent with $what", slow, async ({ answer, diagnostics = [] }) => {
    const bed = makeBed();
    const { results } = await runPreflight(bed.request([bed.folder("asks", granting)]), {
      onQuestion: answer,
    });
    expect(results).toMatchObject([{ code: "consent-needed", consent: "granted-permissions", keys: 0 }]);
    expect(results[0]?.diagnostics?.map(({ message }) => message) ?? []).toEqual(diagnostics);
    expect(enters(bed)).toEqual([]);
  });

  test("is not called if a consent was given, nor for an unknown dialog", slow, async () => {
    const asked: string[] = [];
    const onQuestion = async ({ dialog }: Question): Promise<null> => {
      asked.push(dialog);
      return null;
    };
    const consented = makeBed();
    const consents = { "granted-permissions": "accept" } as const;
    const first = await runPreflight(consented.request([consented.folder("asks", granting)], { consents }), {
      onQuestion,
    });
    const unknown = makeBed({ start: "unknown" });
    const second = await runPreflight(unknown.request([unknown.folder("a")]), { onQuestion });
    expect([first, second].map(({ results }) => results[0]?.code)).toEqual(["trusted", "unknown-dialog"]);
    expect(asked).toEqual([]);
  });

  test("may take longer than the folder's time limit", slow, async () => {
    const bed = makeBed();
    onTestFinished(() => void vi.restoreAllMocks());
    const { results } = await runPreflight(bed.request([bed.folder("asks", granting)]), {
      onQuestion: async () => {
        const now = performance.now.bind(performance);
        vi.spyOn(performance, "now").mockImplementation(() => now() + 3_600_000);
        return "accept";
      },
    });
    expect(results).toMatchObject([{ code: "trusted" }]);
  });

  const endings = [
    { what: "an abort", code: "cancelled" },
    { what: "the batch's deadline", code: "timeout" },
  ];
  test.each(endings)("gets its signal aborted by $what", slow, async ({ what, code }) => {
    const { bed, results, asked } = await withMoreTime(
      async (limitMs) => {
        const bed = makeBed();
        const controller = new AbortController();
        const asked: AbortSignal[] = [];
        const deadlineMs = what === "an abort" ? 120_000 : limitMs;
        const { results } = await runPreflight(bed.request([bed.folder("asks", granting)], { deadlineMs }), {
          signal: controller.signal,
          onQuestion: (_, signal) => {
            asked.push(signal);
            if (what === "an abort") controller.abort();
            return new Promise(() => {});
          },
        });
        return { bed, results, asked };
      },
      ({ asked }) => asked.length > 0,
    );
    expect(results).toMatchObject([{ code, keys: 0 }]);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("cannot change the result cli-exited of a program that exits meanwhile", slow, async () => {
    const bed = makeBed();
    const { results } = await runPreflight(bed.request([bed.folder("asks", granting)]), {
      onQuestion: (_, signal) => {
        process.kill(bed.log()[0]?.pid ?? 0, "SIGKILL");
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve("accept")));
      },
    });
    expect(results).toMatchObject([{ code: "cli-exited", keys: 0 }]);
    expect(bed.trusted()).toEqual([]);
  });
});
