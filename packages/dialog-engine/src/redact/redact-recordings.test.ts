import { describe, expect, test } from "vitest";
import { explainCast } from "../recording/explain-cast.ts";
import { recordingsOf } from "../node/recordings.fixture.ts";
import type { Cast } from "../recording/recording.ts";
import { packs } from "../packs/packs.ts";
import type { RulePack } from "../rules/rule.ts";
import { redactCast } from "./redact.ts";

/** The HOME of the recordings, and a secret that is in no recording. */
const home = "/tmp/h";
const secrets = ["kQ7xP2mV9tL4wR8zJ3nB6yH1"];

/** The observation and the decision for each screen of a replay. */
const decided = (cast: Cast, pack: RulePack) =>
  explainCast(cast, pack).map(({ at, seen, decision, pressed }) => ({
    at,
    seen: seen.type,
    rule: "rule" in seen ? seen.rule.id : "",
    decision: decision.type,
    key: "key" in decision ? decision.key : null,
    blocked: "code" in decision ? `${decision.code} ${decision.dialog}` : null,
    pressed,
  }));

describe.each(packs)("a recording of $provider", (pack) => {
  test.each(recordingsOf(pack.provider))("$file leads to the same decisions after redaction", ({ cast }) => {
    expect(decided(redactCast(cast, secrets, home), pack)).toEqual(decided(cast, pack));
  });

  test("does not contain its home after redaction", () => {
    for (const { cast } of recordingsOf(pack.provider)) {
      const redacted = redactCast(cast, secrets, home);
      expect(JSON.stringify(redacted)).not.toContain(`${home}/`);
    }
  });
});
