import process from "node:process";
import { driveDialogs, type RulePack } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";

const seen = { memory: "retry", seenIn: ["1.4.0"] } as const;
const pack: RulePack<"licence" | "reports"> = {
  provider: "acme",
  deadWindowMs: 100,
  readyStandsMs: 500,
  rules: [
    {
      ...seen,
      type: "select",
      id: "acme/licence",
      kind: "licence",
      title: "Do you agree to the licence?",
      want: { agree: ["I agree"] },
      never: ["Quit"],
      why: "Quit is preselected.",
    },
    {
      ...seen,
      type: "select",
      id: "acme/reports",
      kind: "reports",
      title: "Send {count} crash reports?",
      footer: ["Enter to choose"],
      want: { no: ["Never"] },
      never: ["Always", "Once"],
      why: "Its answer is remembered.",
    },
  ],
};

const [file = "acme", ...args] = process.argv.slice(2);
const pty = await openPty({ file, args, cwd: process.cwd(), env: process.env });
if (!pty.ok) throw new Error(`${pty.error.code}: ${pty.error.message}`);

const result = await driveDialogs({
  terminal: pty.value,
  clock: systemClock,
  pack,
  consents: { licence: "agree", reports: "no" },
  until: "answered",
});

console.log(result.outcome, result.dialogs.join(" "));
pty.value.kill();
